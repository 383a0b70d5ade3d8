"""HTML for people: one module for each audience."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the pages."""
