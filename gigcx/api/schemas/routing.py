"""Shapes of experiments, routings and incidents."""

from marshmallow import fields, validate

from gigcx.api.schemas.kernel import LINE, PARAGRAPH, Id, Strict, Text, instant, whole
from gigcx.desk.queries.incidents import DANGERS


class ExperimentRequestSchema(Strict):
    """Body of ``POST /api/v1/experiments``. The shares are 10,000 together."""

    name = Text(least=1, most=LINE, required=True)
    expert_bps = whole(0, 10_000, required=True)
    in_house_bps = whole(0, 10_000, required=True)
    bot_bps = whole(0, 10_000, load_default=0)


class ExperimentSchema(Strict):
    """A division of a brand's customers into arms."""

    id = Id("experiment")
    name = fields.String()
    expert_bps = fields.Integer()
    in_house_bps = fields.Integer()
    bot_bps = fields.Integer()
    state = fields.String()
    created_at = instant()
    started_at = instant(allow_none=True)
    stopped_at = instant(allow_none=True)


class RoutingSchema(Strict):
    """Which way a ticket went, and what was known of it then."""

    ticket_id = Id("ticket")
    route = fields.String()
    because = fields.String()
    is_eligible = fields.Boolean()
    reasons = fields.List(fields.String())
    experiment_id = Id("experiment", allow_none=True)
    topic_bps = fields.Integer(allow_none=True)
    language = fields.String()
    intention = fields.String()
    urgency = fields.Integer()
    complexity = fields.Integer()
    routed_at = instant()


class FlagRequestSchema(Strict):
    """Body of ``POST /api/v1/tickets/{id}/flag``."""

    danger = fields.String(required=True, validate=validate.OneOf(DANGERS))
    evidence = Text(least=1, most=PARAGRAPH, required=True)


class ConclusionSchema(Strict):
    """Body of ``POST /api/v1/incidents/{id}/close``."""

    conclusion = Text(least=1, most=PARAGRAPH, required=True)


class IncidentSchema(Strict):
    """A ticket that speaks of danger, in the brand's register."""

    id = Id("incident")
    ticket_id = Id("ticket")
    dangers = fields.List(fields.String())
    evidence = fields.String()
    state = fields.String()
    owner_id = Id("user", allow_none=True)
    conclusion = fields.String()
    opened_at = instant()
    due_at = instant()
    closed_at = instant(allow_none=True)
