"""Work without a caller: what hears which message, what runs when, and how it is run."""
