"""Who owes what to whom: balanced journal entries, forgotten never.

Knows accounts, entries and balances. Does not know why money moves: the reference names the cause.
"""
