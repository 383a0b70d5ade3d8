"""Lines on their way: transfer, payout, and what comes back. Claim, call, record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx import outbox
from gigcx.db import db, violated
from gigcx.ledger import service as ledger
from gigcx.ledger.rules import Account, Holder, JournalKind, move
from gigcx.money import Money
from gigcx.outgoing import queries as calls
from gigcx.outgoing import service as outgoing
from gigcx.outgoing.rules import CallKind, CallState, Outcome
from gigcx.payouts import rules
from gigcx.payouts.models import PayoutAccount, PayoutLine, PayoutRun
from gigcx.payouts.queries import LineNotFound
from gigcx.payouts.rules import LineState, RunState

_L = LineState


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """A transfer or payout to be made, with the key that makes it one."""

    call_id: UUID
    key: str
    line_id: UUID
    run_id: UUID
    stripe_account: str
    amount: Money
    transfer: str | None = None
    """The transfer that is to be reversed."""


def intend_transfer(now: datetime, *, line_id: UUID, available: Sequence[Money]) -> bool:
    """Write down a queued line's transfer and set its money aside, and say whether it was.

    What may not leave now is skipped with its reason; what the platform's balance at Stripe does
    not cover stays queued.

    :param available: that balance, by currency, after what this run has taken.
    """
    line = _lock(line_id)
    if line.state != _L.QUEUED:
        return False
    have = next((m for m in available if m.currency == line.currency), Money(0, line.currency))
    if not rules.is_covered(line.amount, available=have):
        return False
    account = db.session.get_one(PayoutAccount, line.payout_account_id)
    try:
        with db.session.begin_nested():
            line.state = _L.TRANSFERRING
    except sa.exc.IntegrityError as error:
        if violated(error) != "line_may_leave":
            raise
        db.session.refresh(line)
        line.state = _L.SKIPPED
        line.reason = "The account or an earning has changed since the approval."
        outbox.put(now, "payouts.finish_run", run_id=str(line.run_id))
        return False
    outgoing.intend(
        now,
        kind=CallKind.TRANSFER,
        subject_id=line_id,
        request={
            "to_account": account.stripe_account,
            "amount_minor": line.amount_minor,
            "currency": line.currency,
        },
    )
    outbox.put(now, "payouts.send_transfer", line_id=str(line_id))
    _post(
        now,
        line,
        JournalKind.TRANSFER_INTENDED,
        out_of=(Account.EXPERT_PAYABLE, line.expert_id),
        into=(Account.PAYOUTS_IN_TRANSIT, None),
    )
    return True


def claim_transfer(now: datetime, *, line_id: UUID) -> TransferOrder | None:
    """Return the transfer that this process alone is to make now, or None."""
    return _claim(now, line_id=line_id, kind=CallKind.TRANSFER)


def record_transfer(now: datetime, *, line_id: UUID, outcome: Outcome) -> None:
    """Store what came of the transfer and move its money on, or back to the expert."""
    line = _lock(line_id)
    call = outgoing.record_outcome(now, kind=CallKind.TRANSFER, subject_id=line_id, outcome=outcome)
    if call is None:
        return
    line.state = rules.AFTER_TRANSFER[CallState(call.state)]
    if line.state == _L.FAILED:
        line.reason = outcome.failure_code or ""
        outbox.put(now, "payouts.finish_run", run_id=str(line.run_id))
    db.session.flush()
    if line.state == _L.TRANSFERRED:
        _intend_payout(now, line)
        _post(
            now,
            line,
            JournalKind.TRANSFER_SUCCEEDED,
            out_of=(Account.PAYOUTS_IN_TRANSIT, None),
            into=(Account.STRIPE_CLEARING, None),
        )
    elif line.state == _L.FAILED:
        _post(
            now,
            line,
            JournalKind.TRANSFER_FAILED,
            out_of=(Account.PAYOUTS_IN_TRANSIT, None),
            into=(Account.EXPERT_PAYABLE, line.expert_id),
        )


def claim_payout(now: datetime, *, line_id: UUID) -> TransferOrder | None:
    """Return the payout to the expert's bank that this process alone is to order now, or None."""
    return _claim(now, line_id=line_id, kind=CallKind.PAYOUT)


def record_payout(now: datetime, *, line_id: UUID, outcome: Outcome) -> None:
    """Store what came of the order; whether the bank took it is told by an event."""
    line = _lock(line_id)
    call = outgoing.record_outcome(now, kind=CallKind.PAYOUT, subject_id=line_id, outcome=outcome)
    if call is None:
        return
    if outcome.state is CallState.FAILED:
        _intend_reversal(now, line, reason=outcome.failure_code or "")


def apply_payout(now: datetime, *, line_id: UUID, status: str, failure: str | None) -> None:
    """Bring a line in step with its payout at Stripe; ``paid`` can still fail later.

    :param status: Stripe's word: pending, in_transit, paid, failed, canceled.
    """
    line = _lock(line_id)
    if status == "paid" and line.state == _L.PAYING_OUT:
        line.state = _L.PAID
        outbox.put(now, "payouts.finish_run", run_id=str(line.run_id))
    elif status in {"failed", "canceled"} and line.state in {_L.PAYING_OUT, _L.PAID}:
        _intend_reversal(now, line, reason=failure or status)


def claim_reversal(now: datetime, *, line_id: UUID) -> TransferOrder | None:
    """Return the transfer that this process alone is to reverse now, or None."""
    return _claim(now, line_id=line_id, kind=CallKind.REVERSAL)


def record_reversal(now: datetime, *, line_id: UUID, outcome: Outcome) -> None:
    """Store that the money came back: the line is returned and the expert is owed it again."""
    line = _lock(line_id)
    call = outgoing.record_outcome(now, kind=CallKind.REVERSAL, subject_id=line_id, outcome=outcome)
    if call is None or outcome.state is not CallState.SUCCEEDED:
        return
    line.state = _L.RETURNED
    line.reason = line.reason or "The bank refused the payout."
    db.session.flush()
    outbox.put(now, "payouts.finish_run", run_id=str(line.run_id))
    _post(
        now,
        line,
        JournalKind.TRANSFER_REVERSED,
        out_of=(Account.STRIPE_CLEARING, None),
        into=(Account.EXPERT_PAYABLE, line.expert_id),
    )


def finish_run(now: datetime, *, run_id: UUID) -> bool:
    """Complete an executing run whose lines are all at an end, and say whether it was."""
    run = db.session.scalars(
        sa.select(PayoutRun)
        .where(PayoutRun.id == run_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    is_open = db.session.scalar(
        sa.select(
            sa.exists().where(PayoutLine.run_id == run_id, PayoutLine.state.not_in(rules.LINE_ENDS))
        )
    )
    if run.state != RunState.EXECUTING or is_open:
        return False
    db.session.execute(
        sa.update(PayoutRun)
        .where(PayoutRun.id == run_id)
        .values(state=RunState.COMPLETED, completed_at=now, waiting_reason=None)
        .execution_options(synchronize_session=False)
    )
    return True


def note_waiting(now: datetime, *, run_id: UUID, reason: str | None) -> None:
    """Say on the run why its queued lines do not go, or that they do."""
    db.session.execute(
        sa.update(PayoutRun)
        .where(PayoutRun.id == run_id)
        .values(waiting_reason=reason)
        .execution_options(synchronize_session=False)
    )


def _intend_payout(now: datetime, line: PayoutLine) -> None:
    line.state = _L.PAYING_OUT
    db.session.flush()
    outgoing.intend(
        now,
        kind=CallKind.PAYOUT,
        subject_id=line.id,
        request={"amount_minor": line.amount_minor, "currency": line.currency},
    )
    outbox.put(now, "payouts.send_payout", line_id=str(line.id))


def _intend_reversal(now: datetime, line: PayoutLine, *, reason: str) -> None:
    """Ask for the money back that the expert's bank did not take."""
    transfer = calls.find_call(CallKind.TRANSFER, line.id)
    assert transfer is not None
    if calls.find_call(CallKind.REVERSAL, line.id) is not None:
        return
    line.reason = reason
    db.session.flush()
    outgoing.intend(
        now,
        kind=CallKind.REVERSAL,
        subject_id=line.id,
        request={"transfer": transfer.stripe_id, "amount_minor": line.amount_minor},
    )
    outbox.put(now, "payouts.reverse_transfer", line_id=str(line.id))


def _claim(now: datetime, *, line_id: UUID, kind: CallKind) -> TransferOrder | None:
    call = outgoing.claim_call(now, kind=kind, subject_id=line_id)
    if call is None:
        return None
    line = db.session.get_one(PayoutLine, line_id)
    account = db.session.get_one(PayoutAccount, line.payout_account_id)
    assert account.stripe_account is not None
    return TransferOrder(
        call.id,
        call.key,
        line_id,
        line.run_id,
        account.stripe_account,
        line.amount,
        call.request.get("transfer"),
    )


def _post(
    now: datetime, line: PayoutLine, kind: JournalKind, *, out_of: Holder, into: Holder
) -> None:
    ledger.post(
        now,
        kind=kind,
        reference=f"line:{line.id}",
        legs=move(line.amount, out_of=out_of, into=into),
    )


def _lock(line_id: UUID) -> PayoutLine:
    line = db.session.scalars(
        sa.select(PayoutLine)
        .where(PayoutLine.id == line_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if line is None:
        raise LineNotFound("There is no such line.")
    return line
