"""Money leaves: payout accounts, runs reviewed by two people, lines sent one by one.

Knows what may leave and how far it got. Does not know how Stripe is called: jobs do that.
"""
