"""Brands pay in before experts work. Knows payments and what they add to a balance.

Does not know how Stripe is called: jobs do that, claim before and record after.
"""
