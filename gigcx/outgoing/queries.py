"""Which calls are open, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.outgoing import rules
from gigcx.outgoing.models import StripeCall
from gigcx.outgoing.rules import CallKind, CallState


def find_call(kind: CallKind, subject_id: UUID) -> StripeCall | None:
    """Return the latest call of one kind for a subject."""
    return db.session.scalars(
        sa.select(StripeCall)
        .where(StripeCall.kind == kind, StripeCall.subject == subject_id)
        .order_by(StripeCall.n.desc())
        .limit(1)
    ).one_or_none()


def find_call_by_stripe_id(stripe_id: str) -> StripeCall | None:
    """Return the call that made an object of Stripe's."""
    return db.session.scalars(
        sa.select(StripeCall).where(StripeCall.stripe_id == stripe_id)
    ).one_or_none()


def find_call_by_id(call_id: UUID) -> StripeCall | None:
    """Return a call by the id that its request carries in Stripe's metadata."""
    return db.session.get(StripeCall, call_id)


def list_overdue(now: datetime, *, limit: int) -> Sequence[StripeCall]:
    """Return calls whose sender must be dead or that nobody has sent, for the sweep."""
    return db.session.scalars(
        sa.select(StripeCall)
        .where(
            sa.or_(
                sa.and_(
                    StripeCall.state == CallState.INTENT,
                    StripeCall.created_at <= now - rules.CALL_TAKES_MAX,
                ),
                sa.and_(
                    StripeCall.state.in_([CallState.SENT, CallState.UNKNOWN]),
                    StripeCall.sent_at <= now - rules.CALL_TAKES_MAX,
                ),
            )
        )
        .order_by(StripeCall.created_at)
        .limit(limit)
    ).all()


def stripe_ids_of(kind: CallKind) -> Mapping[str, UUID]:
    """Return Stripe's id → subject for all that calls of one kind have made."""
    rows = db.session.execute(
        sa.select(StripeCall.stripe_id, StripeCall.subject).where(
            StripeCall.kind == kind, StripeCall.stripe_id.is_not(None)
        )
    )
    return {stripe_id: subject for stripe_id, subject in rows if stripe_id is not None}
