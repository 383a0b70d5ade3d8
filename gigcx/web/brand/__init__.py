"""The brand's console: queues, tickets, imports, experts, balance."""

from flask import Blueprint

bp = Blueprint("web_brand", __name__, url_prefix="/brand")

from gigcx.web.brand import (  # noqa: E402 - they hang on the blueprint
    customers,
    home,
    imports,
    people,
    queues,
    routing,
    tickets,
    workspace,
)

__all__ = [
    "bp",
    "customers",
    "home",
    "imports",
    "people",
    "queues",
    "routing",
    "tickets",
    "workspace",
]
