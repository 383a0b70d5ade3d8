"""What is owed for what was done: one earning for each, and when it may be paid.

Knows kinds, shares and dates. Does not know payout runs: being in one is a join, not a state.
"""
