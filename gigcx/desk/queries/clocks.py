"""The clocks that a queue and its contract set for a ticket."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.tickets.models import Contract, Queue


@dataclass(frozen=True, slots=True)
class Clocks:
    """How long everybody has, by the queue and the contract that holds now."""

    first_reply_minutes: int
    follow_up_hours: int
    contract_id: UUID
    contract_version: int
    silence_hours: int
    hold_days: int
    reopen_days: int


_COLUMNS = (
    Queue.first_reply_minutes,
    Queue.follow_up_hours,
    Contract.id,
    Contract.version,
    Contract.silence_hours,
    Contract.hold_days,
    Contract.reopen_days,
)
_JOINED = sa.and_(Contract.brand_id == Queue.brand_id, Contract.queue_id == Queue.id)


def clocks_of(*, brand_id: UUID, queue_id: UUID, now: datetime) -> Clocks:
    """Return the clocks of a queue under its newest contract."""
    row = db.session.execute(
        sa.select(*_COLUMNS)
        .join(Contract, _JOINED)
        .where(Queue.brand_id == brand_id, Queue.id == queue_id)
        .where(Contract.effective_from <= now)
        .order_by(Contract.version.desc())
        .limit(1)
    ).one()
    return Clocks(*row)


def clocks_by_contract(*, brand_id: UUID, contract_id: UUID) -> Clocks:
    """Return the clocks under the contract that a resolution was submitted with."""
    row = db.session.execute(
        sa.select(*_COLUMNS)
        .join(Contract, _JOINED)
        .where(Contract.brand_id == brand_id, Contract.id == contract_id)
    ).one()
    return Clocks(*row)
