"""Shapes of earnings, payouts, funding and the ledger."""

from typing import Any

from marshmallow import fields, validate

from gigcx import ids
from gigcx.api.schemas.kernel import (
    PARAGRAPH,
    BalanceSchema,
    Hex,
    Id,
    MoneySchema,
    PageArgumentsSchema,
    PriceSchema,
    Strict,
    Text,
    country,
    instant,
)
from gigcx.ledger.queries import AccountBalance

EARNING_STATES = ("pending", "available", "held", "disputed", "rejected", "clawed_back")
SHA256_BYTES = 32


class EarningArgumentsSchema(PageArgumentsSchema):
    """The query of the list of earnings."""

    state = fields.String(validate=validate.OneOf(EARNING_STATES))


class EarningSchema(Strict):
    """Money owed to one expert for one thing done."""

    id = Id("earning")
    kind = fields.String()
    expert_id = Id("expert")
    ticket_id = Id("ticket", allow_none=True)
    resolution_id = Id("resolution", allow_none=True)
    amount = fields.Nested(MoneySchema)
    state = fields.String()
    created_at = instant()
    confirmed_at = instant(allow_none=True)
    release_on = fields.Date(allow_none=True)


class StatementSchema(Strict):
    """An expert's money at a glance; every sum is by currency."""

    pending = fields.List(fields.Nested(MoneySchema))
    available = fields.List(fields.Nested(MoneySchema))
    next_pay_on = fields.Date()


class PayoutAccountRequestSchema(Strict):
    """Body of ``POST /api/v1/payout-account``."""

    country = country(required=True)


class PayoutAccountSchema(Strict):
    """An expert's account at Stripe. Its link is made by a job: read it again."""

    id = Id("account")
    state = fields.String()
    country = fields.String()
    requirement = fields.String()
    link_url = fields.String(allow_none=True)
    link_until = instant(allow_none=True)
    cooldown_until = instant(allow_none=True)
    created_at = instant()


class RunRequestSchema(Strict):
    """Body of ``POST /api/v1/payout-runs``."""

    note = Text(most=PARAGRAPH, load_default="")


class ApprovalSchema(Strict):
    """Body of ``POST /api/v1/payout-runs/{id}/approve``: the hash of what was seen, and a one-time
    code of this moment.
    """

    content_sha256 = Hex(length=SHA256_BYTES, required=True)
    code = fields.String(required=True, validate=validate.Length(max=10))


class RunSchema(Strict):
    """A set of lines that a second person approves."""

    id = Id("run")
    state = fields.String()
    note = fields.String()
    created_by = Id("user")
    submitted_by = Id("user", allow_none=True)
    approved_by = Id("user", allow_none=True)
    content_sha256 = Hex(length=SHA256_BYTES, allow_none=True)
    created_at = instant()
    submitted_at = instant(allow_none=True)
    approved_at = instant(allow_none=True)
    executed_at = instant(allow_none=True)
    completed_at = instant(allow_none=True)
    waiting_reason = fields.String(allow_none=True)


class RunDetailSchema(RunSchema):
    """A run with what its reviewers look at first."""

    totals = fields.List(fields.Nested(MoneySchema))
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class LineSchema(Strict):
    """One expert's money of one run in one currency."""

    id = Id("line")
    run_id = Id("run")
    expert_id = Id("expert")
    amount = fields.Nested(MoneySchema)
    netted_minor = fields.Integer()
    state = fields.String()
    reason = fields.String()
    held_until = instant(allow_none=True)


class ReviewedLineSchema(Strict):
    """A line as its reviewer sees it."""

    id = Id("line", attribute="line.id")
    run_id = Id("run", attribute="line.run_id")
    expert_id = Id("expert", attribute="line.expert_id")
    expert_name = fields.String()
    amount = fields.Nested(MoneySchema, attribute="line.amount")
    netted_minor = fields.Integer(attribute="line.netted_minor")
    state = fields.String(attribute="line.state")
    reason = fields.String(attribute="line.reason")
    held_until = instant(attribute="line.held_until", allow_none=True)
    earnings = fields.Integer()
    is_first = fields.Boolean()


class HoldSchema(Strict):
    """Body of ``POST /api/v1/payout-runs/lines/{id}/hold``; its expert reads the reason."""

    reason = Text(least=1, most=PARAGRAPH, required=True)
    held_until = instant(load_default=None)


class FundingRequestSchema(Strict):
    """Body of ``POST /api/v1/funding``."""

    amount = fields.Nested(PriceSchema, required=True)


class FundingSchema(Strict):
    """A brand's payment. Its checkout page is opened by a job: read it again."""

    id = Id("funding")
    brand_id = Id("brand")
    amount = fields.Nested(MoneySchema)
    refunded_minor = fields.Integer()
    state = fields.String()
    checkout_url = fields.String(allow_none=True)
    created_at = instant()
    succeeded_at = instant(allow_none=True)


def _owner_of(account: AccountBalance) -> Any:
    """Write the owner's id with the prefix of what it is: accounts are named after it."""
    thing = account.kind.partition("_")[0]
    return None if account.owner_id is None else ids.shown(thing, account.owner_id)


class AccountSchema(Strict):
    """One account of the ledger; credit-positive: above zero is what we owe its owner."""

    kind = fields.String()
    owner_id = fields.Function(_owner_of, metadata={"type": ["string", "null"]})
    balance = fields.Nested(BalanceSchema)
    oldest_open_at = instant(allow_none=True)
