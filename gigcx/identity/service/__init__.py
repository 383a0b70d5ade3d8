"""People, their keys and how they sign in: a module for each."""
