"""A queue's use cases, and the moves of a ticket that desk makes."""
