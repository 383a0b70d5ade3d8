"""Shapes of tickets, their threads, claims and resolutions."""

from marshmallow import fields, validate

from gigcx.api.schemas.kernel import (
    LETTER,
    LINE,
    PARAGRAPH,
    Id,
    MoneySchema,
    PageArgumentsSchema,
    Strict,
    Text,
    instant,
    language,
    whole,
)

FENCE_MAX = 2**53
STATES = ("open", "claimed", "waiting_on_customer", "resolved", "closed", "merged")


class TicketArgumentsSchema(PageArgumentsSchema):
    """The query of the list of tickets."""

    queue = Id("queue")
    state = fields.String(validate=validate.OneOf(STATES))
    q = Text(least=1, most=LINE)


class TicketRequestSchema(Strict):
    """Body of ``POST /api/v1/tickets``."""

    queue_id = Id("queue", required=True)
    customer_id = Id("customer", required=True)
    topic_id = Id("topic")
    subject = Text(least=1, most=LINE, required=True)
    text = Text(least=1, most=LETTER, required=True)
    external_id = Text(least=1, most=LINE)
    language = language()
    complexity = whole(1, 3)
    priority = whole(0, 9)
    wants_staff = fields.Boolean()


class TicketSchema(Strict):
    """A ticket as an expert may see it: its texts are masked, its customer is nobody."""

    id = Id("ticket")
    brand_id = Id("brand")
    queue_id = Id("queue")
    topic_id = Id("topic")
    state = fields.String()
    route = fields.String()
    priority = fields.Integer()
    complexity = fields.Integer()
    language = fields.String()
    intention = fields.String()
    subject = fields.String()
    opened_at = instant()
    resolved_at = instant(allow_none=True)
    closed_at = instant(allow_none=True)
    escalated_at = instant(allow_none=True)


class BrandTicketSchema(TicketSchema):
    """A ticket as its brand's people see it."""

    customer_id = Id("customer")
    external_id = fields.String(allow_none=True)
    assignee_id = Id("user", allow_none=True)


class MessageSchema(Strict):
    """One message of a thread, masked."""

    id = Id("message")
    ticket_id = Id("ticket")
    author = fields.String()
    text = fields.String(attribute="masked_text")
    is_internal = fields.Boolean()
    sent_at = instant()


class EventSchema(Strict):
    """One line of a ticket's history."""

    kind = fields.String()
    detail = fields.String()
    at = instant()


class ClaimSchema(Strict):
    """A claim as its claimant may see it.

    The reservation is not here: what the brand pays beyond the reward is not the expert's.
    """

    id = Id("claim")
    ticket_id = Id("ticket")
    claimant = fields.String()
    fence = fields.Integer()
    state = fields.String()
    claimed_at = instant()
    lease_until = instant()


class ResolutionSchema(Strict):
    """A claimant's word that the customer was helped, and what the customer said to it."""

    id = Id("resolution")
    ticket_id = Id("ticket")
    state = fields.String()
    submitted_at = instant()
    assumed_at = instant()
    decided_at = instant(allow_none=True)


class ThreadSchema(Strict):
    """What the page of a ticket shows beside the ticket itself."""

    topic = fields.String()
    customer = fields.String()
    messages = fields.List(fields.Nested(MessageSchema))
    events = fields.List(fields.Nested(EventSchema))
    claim = fields.Nested(ClaimSchema, allow_none=True)
    resolution = fields.Nested(ResolutionSchema, allow_none=True)
    reward = fields.Nested(MoneySchema, allow_none=True)
    draft = fields.String()


class TicketDetailSchema(BrandTicketSchema, ThreadSchema):
    """A ticket with its thread. Experts are not told whose ticket it is."""


class EligibilitySchema(Strict):
    """Whether one may claim a ticket, and if not, why."""

    is_eligible = fields.Boolean(required=True)
    reasons = fields.List(fields.String(), required=True)


class ClaimRequestSchema(Strict):
    """Body of ``POST /api/v1/tickets/{id}/claim``."""

    reward = fields.Nested(MoneySchema, required=True)
    """The reward that the expert was shown; the claim is refused if it has changed since."""


class FenceSchema(Strict):
    """Body of what only the holder of a claim may do."""

    fence = whole(0, FENCE_MAX, required=True)


class TransferSchema(FenceSchema):
    """Body of ``POST /api/v1/tickets/{id}/transfer``."""

    to_expert_id = Id("expert", required=True)


class HandBackSchema(FenceSchema):
    """Body of ``POST /api/v1/tickets/{id}/hand-back``."""

    diagnosis = Text(least=1, most=PARAGRAPH, required=True)


class ReasonSchema(Strict):
    """Body of what needs a reason that others will read."""

    reason = Text(least=1, most=PARAGRAPH, required=True)


class MessageRequestSchema(Strict):
    """Body of ``POST /api/v1/tickets/{id}/messages``; an internal note needs no fence."""

    text = Text(least=1, most=LETTER, required=True)
    fence = whole(0, FENCE_MAX, load_default=None)
    is_internal = fields.Boolean(load_default=False)


class DraftSchema(Strict):
    """Body of ``PUT /api/v1/tickets/{id}/draft``."""

    text = Text(most=LETTER, required=True)


class TokenSchema(Strict):
    """Body of what a customer does by their signed link."""

    token = Text(least=1, most=PARAGRAPH, required=True)


class RatingSchema(Strict):
    """Body of ``POST /api/v1/ratings/{token}``."""

    stars = whole(1, 5, required=True)
    comment = Text(most=PARAGRAPH, load_default="")


class FeedArgumentsSchema(Strict):
    """The query of the feed."""

    limit = fields.Integer(validate=validate.Range(1, 100), load_default=20)


class FeedItemSchema(Strict):
    """One ticket that the expert may claim for the reward shown."""

    ticket_id = Id("ticket")
    brand_id = Id("brand")
    brand_name = fields.String()
    queue_id = Id("queue")
    queue_name = fields.String()
    subject = fields.String()
    topic = fields.String()
    language = fields.String()
    opened_at = instant()
    reward = fields.Nested(MoneySchema)
    estimated_minutes = fields.Integer()
    score = fields.Float()
    reasons = fields.List(fields.String())
