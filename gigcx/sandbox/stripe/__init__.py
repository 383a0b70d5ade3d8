"""A stand-in Stripe: a process of its own with what we use of the API, stateful and signed.

It is the outside world, so it shares nothing with the program: its own file, its own words. Each
rule names the page of Stripe's documentation that it follows.
"""
