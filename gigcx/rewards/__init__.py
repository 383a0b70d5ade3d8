"""What a resolution earns: a queue's table of rewards, and the quote for one ticket."""
