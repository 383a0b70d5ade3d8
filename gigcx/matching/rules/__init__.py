"""Pure functions: what a text says, what is dangerous in it, and how tickets are ranked."""
