"""A payout run: drafted from the ledger, reviewed, approved by a second person, executed."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx import audit, outbox
from gigcx.db import db, violated
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.money import total
from gigcx.payouts import queries, rules
from gigcx.payouts.models import PayoutLine, PayoutLineEarning, PayoutRun
from gigcx.payouts.queries import LineNotFound, RunNotFound
from gigcx.payouts.rules import LineState, RunState
from gigcx.principal import Principal

_S = RunState


class NothingToPay(Conflict):
    """No expert has anything available that may leave now."""

    code = "payouts/nothing-to-pay"
    title = "Nothing to pay"


class RunWrongState(Conflict):
    """The run's state does not allow this move."""

    code = "payouts/run-wrong-state"
    title = "The run is in another state"


class LineWrongState(Conflict):
    """The line's state does not allow this move."""

    code = "payouts/line-wrong-state"
    title = "The line is in another state"


class SameEyes(Conflict):
    """Who made, edited or submitted a run does not approve it."""

    code = "payouts/same-eyes"
    title = "A second person must approve this run"


class ContentChanged(Conflict):
    """The run is not the one that the approver saw, or its earnings are no longer available."""

    code = "payouts/content-changed"
    title = "The run's content has changed"


def draft_run(now: datetime, *, who: Principal, note: str = "") -> PayoutRun:
    """Put everything that is available and may leave on the lines of a new run.

    :raises NothingToPay: if there is nothing, saying what waits for an account or the minimum.
    """
    sums: dict[tuple[UUID, str], list[queries.Payable]] = defaultdict(list)
    for payable in queries.list_payable(now):
        sums[payable.expert_id, payable.amount.currency].append(payable)
    worth = {
        key: items
        for key, items in sums.items()
        if rules.is_worth_paying(total((i.amount for i in items), currency=key[1]))
    }
    if not worth:
        raise NothingToPay(
            "Nobody has an active payout account and enough that is available.",
            waiting=queries.count_unpayable(now),
        )
    run = PayoutRun(id=new_id(), state=_S.DRAFT, note=note, created_at=now)
    db.session.add(run)
    db.session.flush()
    lines = []
    items = []
    for (expert_id, currency), payables in worth.items():
        line_id = new_id()
        amount = total((payable.amount for payable in payables), currency=currency)
        lines.append(
            {
                "id": line_id,
                "run_id": run.id,
                "expert_id": expert_id,
                "currency": currency,
                "amount_minor": amount.amount_minor,
                "netted_minor": 0,
                "payout_account_id": payables[0].payout_account_id,
                "fingerprint": payables[0].fingerprint,
                "state": LineState.QUEUED,
                "reason": "",
            }
        )
        items += [
            {"line_id": line_id, "brand_id": p.brand_id, "earning_id": p.earning_id}
            for p in payables
        ]
    db.session.execute(sa.insert(PayoutLine), lines)
    db.session.execute(sa.insert(PayoutLineEarning), items)
    audit.note(now, "payouts.run_drafted", subject=f"run:{run.id}", lines=len(lines))
    db.session.refresh(run)
    return run


def submit_run(now: datetime, *, who: Principal, run_id: UUID) -> PayoutRun:
    """Hand a draft to a second person. The database hashes what it would pay.

    :raises RunWrongState: if it is no draft.
    :raises ContentChanged: if it no longer adds up to available earnings: draft it anew.
    """
    return _move(now, run_id=run_id, wanted=_S.SUBMITTED, submitted_at=now)


def approve_run(now: datetime, *, who: Principal, run_id: UUID, content_sha256: bytes) -> PayoutRun:
    """Approve exactly what was seen. What is approved is a ceiling.

    :param content_sha256: the hash of the content on the approver's screen.
    :raises SameEyes: if they made, edited or submitted it.
    :raises ContentChanged: if it is not what they saw.
    """
    run = _lock(run_id)
    if who.user_id in {run.created_by, run.last_edited_by, run.submitted_by, *run.editors}:
        raise SameEyes("Whoever drafted, edited or submitted a run does not approve it.")
    if run.state == _S.SUBMITTED and run.content_sha256 != content_sha256:
        raise ContentChanged("The run is not the one you saw. Look at it again.")
    return _move(
        now,
        run_id=run_id,
        wanted=_S.APPROVED,
        approved_sha256=content_sha256,
        approved_at=now,
    )


def execute_run(now: datetime, *, who: Principal, run_id: UUID) -> PayoutRun:
    """Let the approved lines go, one job each.

    :raises RunWrongState: if it is not approved.
    :raises ContentChanged: if it is not what was approved.
    """
    run = _move(now, run_id=run_id, wanted=_S.EXECUTING, executed_at=now)
    outbox.put(now, "payouts.start_run", run_id=str(run_id))
    return run


def cancel_run(now: datetime, *, who: Principal, run_id: UUID) -> PayoutRun:
    """Give up a run before it is executed. Its earnings are free for the next one.

    :raises RunWrongState: if it is executing or over.
    """
    run = _lock(run_id)
    if _S.CANCELLED not in rules.RUN_NEXT[_S(run.state)]:
        raise RunWrongState(f"A run that is {run.state} cannot be cancelled.", state=run.state)
    db.session.execute(
        sa.update(PayoutLine)
        .where(
            PayoutLine.run_id == run_id,
            PayoutLine.state.in_([LineState.QUEUED, LineState.HELD]),
        )
        .values(state=LineState.SKIPPED, reason="The run was cancelled.")
        .execution_options(synchronize_session=False)
    )
    return _move(now, run_id=run_id, wanted=_S.CANCELLED)


def hold_line(
    now: datetime,
    *,
    who: Principal,
    line_id: UUID,
    reason: str,
    held_until: datetime | None = None,
) -> PayoutLine:
    """Stop a line until a date, for a reason that its expert will read.

    :raises LineWrongState: if it is on its way already.
    """
    return _set_aside(
        now,
        line_id=line_id,
        wanted=LineState.HELD,
        reason=reason,
        held_until=held_until or now + rules.HOLD_DEFAULT,
    )


def release_line(now: datetime, *, who: Principal, line_id: UUID) -> PayoutLine:
    """End a hold. In a run that is executing the line goes at once, after it with the next run.

    :raises LineWrongState: if it is not held.
    """
    if _lock(_lock_line(line_id).run_id).state == _S.COMPLETED:
        return skip_line(now, who=who, line_id=line_id, reason="Released: on the next run.")
    line = _set_aside(now, line_id=line_id, wanted=LineState.QUEUED, reason="", held_until=None)
    if _lock(line.run_id).state == _S.EXECUTING:
        outbox.put(now, "payouts.start_run", run_id=str(line.run_id))
    return line


def skip_line(now: datetime, *, who: Principal, line_id: UUID, reason: str) -> PayoutLine:
    """Leave a line out of its run; its earnings are free for the next one.

    In a draft the line is taken off, because a draft's lines come and go.

    :raises LineWrongState: if it is on its way already.
    """
    line = _lock_line(line_id)
    if _lock(line.run_id).state != _S.DRAFT:
        return _set_aside(
            now, line_id=line_id, wanted=LineState.SKIPPED, reason=reason, held_until=None
        )
    audit.note(now, "payouts.line_removed", subject=f"line:{line_id}", reason=reason)
    db.session.execute(
        sa.delete(PayoutLine)
        .where(PayoutLine.id == line_id)
        .execution_options(synchronize_session=False)
    )
    return line


def _set_aside(
    now: datetime,
    *,
    line_id: UUID,
    wanted: LineState,
    reason: str,
    held_until: datetime | None,
) -> PayoutLine:
    line = _lock_line(line_id)
    run = _lock(line.run_id)
    # What is held when the others are through goes on the next run, once somebody lets it go.
    is_over = run.state == _S.CANCELLED or (
        run.state == _S.COMPLETED and wanted is not LineState.SKIPPED
    )
    if is_over or wanted not in rules.LINE_NEXT[LineState(line.state)]:
        raise LineWrongState(
            f"The line is {line.state.replace('_', ' ')}, its run is {run.state}.",
            state=line.state,
        )
    line.state = wanted
    line.reason = reason
    line.held_until = held_until
    db.session.flush()
    audit.note(now, f"payouts.line_{wanted}", subject=f"line:{line_id}", reason=reason)
    if run.state == _S.EXECUTING:
        outbox.put(now, "payouts.finish_run", run_id=str(run.id))
    return line


def _move(now: datetime, *, run_id: UUID, wanted: RunState, **columns: object) -> PayoutRun:
    run = _lock(run_id)
    if wanted not in rules.RUN_NEXT[_S(run.state)]:
        raise RunWrongState(f"The run is {run.state}.", state=run.state)
    try:
        db.session.execute(
            sa.update(PayoutRun)
            .where(PayoutRun.id == run_id)
            .values(state=wanted, **columns)
            .execution_options(synchronize_session=False)
        )
    except sa.exc.IntegrityError as error:
        law = violated(error)
        if law == "run_four_eyes":
            raise SameEyes("A second person must approve this run.") from error
        if law in {"run_adds_up", "run_approved_has_approver", "run_executes_what_was_approved"}:
            raise ContentChanged(
                "The run no longer is what it was. Cancel it and draft it anew."
            ) from error
        raise
    audit.note(now, f"payouts.run_{wanted}", subject=f"run:{run_id}")
    db.session.refresh(run)
    return run


def _lock(run_id: UUID) -> PayoutRun:
    run = db.session.scalars(
        sa.select(PayoutRun)
        .where(PayoutRun.id == run_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if run is None:
        raise RunNotFound("There is no such payout run.")
    return run


def _lock_line(line_id: UUID) -> PayoutLine:
    line = db.session.scalars(
        sa.select(PayoutLine)
        .where(PayoutLine.id == line_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if line is None:
        raise LineNotFound("There is no such line.")
    return line
