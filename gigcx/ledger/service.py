"""The one door to the ledger."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db, violated
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.ledger.rules import JournalKind, Leg

_POST = sa.text(
    "SELECT ledger_post(:id, :kind, :reference, CAST(:legs AS jsonb), :at, :reverses)"
).columns(sa.column("ledger_post", sa.Uuid))


class NotCovered(Conflict):
    """An account that we owe would fall below zero."""

    code = "ledger/not-covered"
    title = "The balance does not cover it"


class UsedReference(Conflict):
    """The reference names another movement already."""

    code = "ledger/used-reference"
    title = "This was posted before, with other amounts"


def post(
    now: datetime,
    *,
    kind: JournalKind,
    reference: str,
    legs: Sequence[Leg],
    reverses: UUID | None = None,
) -> UUID:
    """Post one balanced entry, as the last statement of its transaction.

    It locks the balances of its owners: whatever follows it makes the next spender wait. The
    same reference with the same legs returns the first entry.

    :param reference: names the cause, once per kind: ``claim:<id>``.
    :raises NotCovered: if it would overdraw an account.
    :raises UsedReference: if the reference names other legs.
    """
    db.session.flush()
    written = [
        {
            "account": leg.account,
            "owner": leg.owner_id and str(leg.owner_id),
            "currency": leg.amount.currency,
            "amount": leg.amount.amount_minor,
        }
        for leg in legs
    ]
    values = {
        "id": new_id(),
        "kind": kind,
        "reference": reference,
        "legs": json.dumps(written),
        "at": now,
        "reverses": reverses,
    }
    try:
        posted: UUID = db.session.execute(_POST, values).scalar_one()
    except sa.exc.IntegrityError as error:
        if violated(error) == "account_not_overdrawn":
            raise NotCovered("The balance does not cover this amount.") from error
        if violated(error) == "entry_once_per_reference":
            raise UsedReference("This reference was posted with other amounts.") from error
        raise
    return posted
