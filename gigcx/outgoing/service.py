"""Claim, call, record: a call is written down, then sent, then its outcome is written down."""

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.outgoing import rules
from gigcx.outgoing.models import StripeCall
from gigcx.outgoing.rules import CallKind, CallState, Outcome


class CallChangedId(Conflict):
    """Stripe answered one call with two different objects."""

    code = "outgoing/call-changed-id"
    title = "Stripe's answer contradicts what we know"


def intend(
    now: datetime, *, kind: CallKind, subject_id: UUID, request: dict[str, Any]
) -> StripeCall:
    """Write down a call that is to be made. The database refuses a second open one.

    :param request: what will be sent, unchanged however often it is sent.
    """
    n = 1 + (
        db.session.scalar(
            sa.select(sa.func.max(StripeCall.n)).where(
                StripeCall.kind == kind, StripeCall.subject == subject_id
            )
        )
        or 0
    )
    call = StripeCall(
        id=new_id(),
        kind=kind,
        subject=subject_id,
        n=n,
        key=rules.call_key(kind, subject_id, n),
        request=request,
        request_sha256=hashlib.sha256(json.dumps(request, sort_keys=True).encode()).digest(),
        state=CallState.INTENT,
        created_at=now,
    )
    db.session.add(call)
    db.session.flush()
    return call


def claim_call(now: datetime, *, kind: CallKind, subject_id: UUID) -> StripeCall | None:
    """Return the open call for this process alone to send now, or None if it may not be sent.

    None also while another sender may still be at it.
    """
    call = db.session.scalars(
        _open(kind, subject_id).with_for_update(key_share=True, skip_locked=True)
    ).one_or_none()
    if call is None or not rules.may_send(
        state=CallState(call.state),
        first_sent_at=call.first_sent_at,
        sent_at=call.sent_at,
        now=now,
    ):
        return None
    if call.state == CallState.INTENT:
        call.state = CallState.SENT
    call.first_sent_at = call.first_sent_at or now
    call.sent_at = now
    db.session.flush()
    return call


def record_outcome(
    now: datetime, *, kind: CallKind, subject_id: UUID, outcome: Outcome
) -> StripeCall | None:
    """Store what came of the open call and return it, or None if nothing new was learnt.

    :raises CallChangedId: if a call that succeeded is said to have made something else.
    """
    call = db.session.scalars(
        sa.select(StripeCall)
        .where(StripeCall.kind == kind, StripeCall.subject == subject_id)
        .order_by(StripeCall.n.desc())
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if call is None:
        return None
    if call.state == CallState.SUCCEEDED:
        if outcome.stripe_id and call.stripe_id and outcome.stripe_id != call.stripe_id:
            raise CallChangedId(
                "Stripe names another object for this call.",
                known=call.stripe_id,
                told=outcome.stripe_id,
            )
        return None
    state = CallState(call.state)
    if outcome.state is state or not rules.may_become(state, outcome.state):
        return None
    call.state = outcome.state
    call.stripe_id = outcome.stripe_id or call.stripe_id
    call.failure_code = outcome.failure_code
    db.session.flush()
    return call


def expire_call(now: datetime, *, call_id: UUID) -> bool:
    """Give up sending a call whose key Stripe may have forgotten: only a person goes on."""
    call = db.session.get(StripeCall, call_id, with_for_update={"key_share": True})
    if call is None or call.state not in {CallState.SENT, CallState.UNKNOWN}:
        return False
    if call.first_sent_at is None or now - call.first_sent_at < rules.KEY_LIVES:
        return False
    for state in (CallState.UNKNOWN, CallState.EXPIRED_UNKNOWN):
        if call.state != state:
            call.state = state
            db.session.flush()
    return True


def _open(kind: CallKind, subject_id: UUID) -> sa.Select[StripeCall]:
    return (
        sa.select(StripeCall)
        .where(StripeCall.kind == kind, StripeCall.subject == subject_id)
        .where(StripeCall.state.in_([CallState.INTENT, CallState.SENT, CallState.UNKNOWN]))
        .execution_options(populate_existing=True)
    )
