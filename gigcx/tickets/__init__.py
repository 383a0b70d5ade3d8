"""Queues, contracts, tickets and their threads: what there is, and which moves it may make.

Does not know who may make them or what they cost; desk does.
"""
