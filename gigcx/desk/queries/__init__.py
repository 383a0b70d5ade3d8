"""Reading the desk: who may take what, the feed, tickets and imports as one may see them."""
