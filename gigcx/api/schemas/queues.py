"""Shapes of queues, their contracts and rewards."""

from marshmallow import fields

from gigcx.api.schemas.kernel import (
    LETTER,
    LINE,
    SMALL_MAX,
    Id,
    MoneySchema,
    PageArgumentsSchema,
    PriceSchema,
    Strict,
    Text,
    currency,
    instant,
    language,
    whole,
)

HOURS_MAX = 24 * 90
DAYS_MAX = 365


class QueueRequestSchema(Strict):
    """Body of ``POST /api/v1/queues``."""

    name = Text(least=1, most=LINE, required=True)
    brief = Text(most=LETTER, load_default="")
    currency = currency(required=True)
    language = language()
    estimated_minutes = whole(1, SMALL_MAX)
    first_reply_minutes = whole(1, HOURS_MAX * 60)
    follow_up_hours = whole(1, HOURS_MAX)
    silence_hours = whole(1, HOURS_MAX)
    hold_days = whole(0, DAYS_MAX)
    reopen_days = whole(0, DAYS_MAX)


class QueueChangesSchema(Strict):
    """Body of ``PATCH /api/v1/queues/{id}``: what is named changes."""

    name = Text(least=1, most=LINE)
    brief = Text(most=LETTER)
    language = language()
    estimated_minutes = whole(1, SMALL_MAX)
    first_reply_minutes = whole(1, HOURS_MAX * 60)
    follow_up_hours = whole(1, HOURS_MAX)
    silence_hours = whole(1, HOURS_MAX)
    hold_days = whole(0, DAYS_MAX)
    reopen_days = whole(0, DAYS_MAX)


class ContractSchema(Strict):
    """What *resolved* means for a queue, in its newest version."""

    version = fields.Integer()
    silence_hours = fields.Integer()
    hold_days = fields.Integer()
    reopen_days = fields.Integer()
    effective_from = instant()


class QueueSchema(Strict):
    """A queue as a list shows it."""

    id = Id("queue")
    brand_id = Id("brand")
    name = fields.String()
    brief = fields.String()
    state = fields.String()
    currency = fields.String()
    language = fields.String()
    is_funded = fields.Boolean()
    estimated_minutes = fields.Integer()
    first_reply_minutes = fields.Integer()
    follow_up_hours = fields.Integer()
    created_at = instant()


class QueueDetailSchema(QueueSchema):
    """A queue with its contract."""

    contract = fields.Nested(ContractSchema)


class RewardRequestSchema(Strict):
    """Body of ``POST /api/v1/rewards``. What is not named holds for all."""

    queue_id = Id("queue", required=True)
    amount = fields.Nested(PriceSchema, required=True)
    topic_id = Id("topic", allow_none=True)
    complexity = whole(1, 3, allow_none=True)
    language = language(allow_none=True)


class RewardSchema(Strict):
    """One row of a queue's table of rewards."""

    id = Id("reward")
    queue_id = Id("queue")
    topic_id = Id("topic", allow_none=True)
    complexity = fields.Integer(allow_none=True)
    language = fields.String(allow_none=True)
    amount = fields.Nested(MoneySchema)
    effective_from = instant()


class RewardArgumentsSchema(PageArgumentsSchema):
    """The query of the list of rewards."""

    queue = Id("queue")
