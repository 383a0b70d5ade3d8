"""Brands, users, their roles and keys: who may do what. Does not know sessions or cookies."""
