"""What one does with a ticket: take in, find, claim, answer, resolve, hand back, reopen.

Knows who may take which ticket and what a claim may cost. Does not know how money is paid out,
how a mail is sent, or what a page looks like.
"""
