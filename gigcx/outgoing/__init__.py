"""Calls to third parties: an intent first, then the call, then its outcome, known or not.

Knows keys, states and leases. Does not know what a call is for; its subject does.
"""
