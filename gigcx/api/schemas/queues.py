"""Shapes of queues, their contracts and rewards."""

from typing import Any

from marshmallow import fields, post_load, validate

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
from gigcx.tickets.service.queues import Hours

HOURS_MAX = 24 * 90
DAYS_MAX = 365
MINUTES_OF_DAY = 1440


class HoursSchema(Strict):
    """When a queue's clocks run: minutes of the day, on days of which Monday is 0."""

    time_zone = Text(least=1, most=LINE, load_default="UTC")
    work_days = fields.List(
        whole(0, 6), validate=validate.Length(1, 7), load_default=lambda: list(range(7))
    )
    opens_minute = whole(0, MINUTES_OF_DAY - 1, load_default=0)
    closes_minute = whole(1, MINUTES_OF_DAY, load_default=MINUTES_OF_DAY)
    holidays_of = fields.String(
        validate=validate.Regexp(r"^([A-Z]{2})?\Z"),
        load_default="",
        metadata={"description": "ISO 3166-1 code whose public holidays stop clocks."},
    )

    @post_load
    def to_hours(self, data: dict[str, Any], **_: Any) -> Hours:
        """Hand the view a value object."""
        return Hours(**data | {"work_days": tuple(data["work_days"])})


class QueueRequestSchema(Strict):
    """Body of ``POST /api/v1/queues``."""

    name = Text(least=1, most=LINE, required=True)
    brief = Text(most=LETTER, load_default="")
    currency = currency(required=True)
    language = language()
    estimated_minutes = whole(1, SMALL_MAX)
    first_reply_minutes = whole(1, HOURS_MAX * 60)
    follow_up_hours = whole(1, HOURS_MAX)
    resolution_hours = whole(1, HOURS_MAX)
    silence_hours = whole(1, HOURS_MAX)
    hold_days = whole(0, DAYS_MAX)
    reopen_days = whole(0, DAYS_MAX)
    hours = fields.Nested(HoursSchema)
    in_house_cost = fields.Nested(MoneySchema)


class QueueChangesSchema(Strict):
    """Body of ``PATCH /api/v1/queues/{id}``: what is named changes."""

    name = Text(least=1, most=LINE)
    brief = Text(most=LETTER)
    language = language()
    estimated_minutes = whole(1, SMALL_MAX)
    first_reply_minutes = whole(1, HOURS_MAX * 60)
    follow_up_hours = whole(1, HOURS_MAX)
    resolution_hours = whole(1, HOURS_MAX)
    silence_hours = whole(1, HOURS_MAX)
    hold_days = whole(0, DAYS_MAX)
    reopen_days = whole(0, DAYS_MAX)
    hours = fields.Nested(HoursSchema)
    in_house_cost = fields.Nested(MoneySchema, allow_none=True)


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
    resolution_hours = fields.Integer()
    hours = fields.Nested(HoursSchema)
    in_house_cost = fields.Nested(MoneySchema, allow_none=True)
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
