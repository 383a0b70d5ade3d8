"""JSON for programs: one blueprint for each resource. Parses, calls one service, dumps."""

from flask import Flask

from gigcx.api import (
    canned,
    claims,
    customers,
    docs,
    experts,
    imports,
    money,
    payouts,
    people,
    queues,
    routing,
    tickets,
    workspace,
)
from gigcx.api import webhooks as hooks
from gigcx.api.openapi import make_api

BLUEPRINTS = (
    queues.queues,
    queues.tables,
    imports.intake,
    tickets.tickets,
    claims.claims,
    claims.feed,
    imports.imports,
    routing.routings,
    workspace.tickets,
    workspace.requests,
    canned.answers,
    customers.customers,
    routing.experiments,
    routing.incidents,
    money.earnings,
    money.statement,
    money.account,
    payouts.runs,
    money.ledger,
    money.funding,
    experts.experts,
    experts.certificates,
    experts.topics,
    people.keys,
    people.people,
    people.brands,
    tickets.ratings,
    hooks.webhooks,
)


def register(app: Flask) -> None:
    """Add the API's routes and its description; after ``gigcx.http.wiring.register``."""
    api = make_api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    docs.keep_document(app, api)
