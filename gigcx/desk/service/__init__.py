"""The use cases of a ticket, one module for each part of its way."""
