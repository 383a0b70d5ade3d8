"""Mail in and out of threads: which ticket a mail belongs to, and what is no message at all.

Does not know how a mail is read from bytes or sent; the gateways do.
"""
