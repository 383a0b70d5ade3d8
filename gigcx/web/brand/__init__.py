"""The brand's console: queues, tickets, imports, experts, balance."""

from flask import Blueprint

bp = Blueprint("web_brand", __name__, url_prefix="/brand")

from gigcx.web.brand import home, imports, people, queues, routing, tickets, workspace  # noqa: E402 - they hang on the blueprint

__all__ = ["bp", "home", "imports", "people", "queues", "routing", "tickets", "workspace"]
