"""What a person may ask about their own data: a copy of it, and to be forgotten."""
