"""``/api/v1/experiments`` and ``/api/v1/incidents``: which way tickets go, and which are danger."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.answers import REPEATABLE, create, paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import PageArgumentsSchema, page_of
from gigcx.api.schemas.routing import (
    ConclusionSchema,
    ExperimentRequestSchema,
    ExperimentSchema,
    FlagRequestSchema,
    IncidentSchema,
    RoutingSchema,
)
from gigcx.db import commit
from gigcx.desk.queries import incidents as register
from gigcx.desk.queries import tickets as views
from gigcx.desk.service import incidents as service
from gigcx.errors import NotFound
from gigcx.experiments import queries
from gigcx.experiments import service as draws
from gigcx.http import paging
from gigcx.http.access import permit

experiments = Resource("experiments", __name__, path="/experiments")
incidents = Resource("incidents", __name__, path="/incidents")
routings = Resource("routings", __name__, path="/tickets")


class RoutingNotFound(NotFound):
    """The ticket is older than routing."""

    code = "desk/routing-not-found"
    title = "Nothing is on record"


@experiments.get("")
@permit("experiments.read")
@experiments.arguments(PageArgumentsSchema, location="query")
@experiments.response(200, page_of(ExperimentSchema))
def list_experiments(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the brand's experiments, the latest first."""
    return paged(queries.list_experiments(principal.current(), paging.page_of(**arguments)))


@experiments.post("")
@permit("experiments.write")
@experiments.doc(**REPEATABLE)
@experiments.arguments(ExperimentRequestSchema)
@experiments.response(201, ExperimentSchema)
def define_experiment(asked: dict[str, Any]) -> Response:
    """Draft an experiment. Its shares never change."""
    brand_id = principal.current().brand_ids[0]
    return create(ExperimentSchema(), draws.define_experiment, brand_id=brand_id, **asked)


@experiments.post("/<id(experiment):experiment_id>/start")
@permit("experiments.write")
@experiments.response(200, ExperimentSchema)
def start_experiment(experiment_id: UUID) -> Any:
    """Draw every customer from now on, once. One experiment runs at a time."""
    return commit(draws.start_experiment, who=principal.current(), experiment_id=experiment_id)


@experiments.post("/<id(experiment):experiment_id>/stop")
@permit("experiments.write")
@experiments.response(200, ExperimentSchema)
def stop_experiment(experiment_id: UUID) -> Any:
    """Draw nobody any more; tickets go to experts again."""
    return commit(draws.stop_experiment, who=principal.current(), experiment_id=experiment_id)


@incidents.get("")
@permit("incidents.read")
@incidents.arguments(PageArgumentsSchema, location="query")
@incidents.response(200, page_of(IncidentSchema))
def list_incidents(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the register of incidents, the latest first."""
    return paged(register.list_incidents(principal.current(), paging.page_of(**arguments)))


@incidents.post("/<id(incident):incident_id>/investigate")
@permit("incidents.write")
@incidents.response(200, IncidentSchema)
def investigate_incident(incident_id: UUID) -> Any:
    """Take an incident on, in one's own name."""
    return commit(service.investigate_incident, who=principal.current(), incident_id=incident_id)


@incidents.post("/<id(incident):incident_id>/close")
@permit("incidents.write")
@incidents.arguments(ConclusionSchema)
@incidents.response(200, IncidentSchema)
def close_incident(said: dict[str, Any], incident_id: UUID) -> Any:
    """Close an incident with what was found and done."""
    return commit(service.close_incident, who=principal.current(), incident_id=incident_id, **said)


@routings.post("/<id(ticket):ticket_id>/flag")
@permit("tickets.flag")
@routings.arguments(FlagRequestSchema)
@routings.response(204)
def flag_ticket(said: dict[str, Any], ticket_id: UUID) -> None:
    """Take a ticket out of the marketplace because it speaks of danger."""
    commit(service.flag_ticket, who=principal.current(), ticket_id=ticket_id, **said)


@routings.get("/<id(ticket):ticket_id>/routing")
@permit("experiments.read")
@routings.response(200, RoutingSchema)
def get_routing(ticket_id: UUID) -> Response:
    """Say which way a ticket went and why."""
    ticket = views.get_ticket(principal.current(), ticket_id).ticket
    found = register.find_routing(brand_id=ticket.brand_id, ticket_id=ticket_id)
    if found is None:
        raise RoutingNotFound("The ticket is older than routing.")
    return jsonify(RoutingSchema().dump(found))
