"""The shapes of what the API reads and answers. Every field is listed: nothing leaks by default."""
