"""What customers say of an answer. Does not know pay: a rating changes none."""
