"""The use cases of paying out: accounts, runs, and the lines on their way."""
