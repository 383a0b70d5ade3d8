"""A brand posts queues, opens and pauses them, and changes what they promise."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db, violated
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.ledger import queries as ledger
from gigcx.ledger.rules import Account
from gigcx.money import Money
from gigcx.rewards import queries as rewards
from gigcx.tickets import rules
from gigcx.tickets.models import Contract, Queue
from gigcx.tickets.queries import QueueNotFound
from gigcx.tickets.rules import AROUND_THE_CLOCK, QueueState

Hours = rules.Hours
CONTRACT_FIELDS = ("silence_hours", "hold_days", "reopen_days")
QUEUE_FIELDS = (
    "name",
    "brief",
    "language",
    "estimated_minutes",
    "first_reply_minutes",
    "follow_up_hours",
    "resolution_hours",
)


class QueueNameTaken(Conflict):
    """The brand has a queue of this name."""

    code = "tickets/queue-name-taken"
    title = "There is a queue of this name"


class QueueWrongState(Conflict):
    """The queue's state does not allow this move."""

    code = "tickets/queue-wrong-state"
    title = "The queue is in another state"


class QueueHasNoReward(Conflict):
    """A queue without a reward offers nothing."""

    code = "tickets/queue-has-no-reward"
    title = "The queue has no reward"


class OtherCurrency(Conflict):
    """A queue reckons in one currency."""

    code = "tickets/other-currency"
    title = "The queue has another currency"


def create_queue(
    now: datetime,
    *,
    brand_id: UUID,
    name: str,
    brief: str,
    currency: str,
    language: str = "en",
    estimated_minutes: int = 10,
    first_reply_minutes: int = 60,
    follow_up_hours: int = 24,
    resolution_hours: int = 72,
    silence_hours: int = 48,
    hold_days: int = 3,
    reopen_days: int = 14,
    hours: Hours = AROUND_THE_CLOCK,
    in_house_cost: Money | None = None,
) -> Queue:
    """Post a queue as a draft, with the first version of its contract.

    :param in_house_cost: of a ticket that the brand's own staff answers.
    :raises QueueNameTaken: if the brand has one of this name.
    :raises HoursRefused: if rule R-tickets-5 forbids the hours.
    :raises OtherCurrency: if the cost is not in the queue's currency.
    """
    queue = Queue(
        brand_id=brand_id,
        id=new_id(),
        name=name,
        brief=brief,
        state=QueueState.DRAFT,
        currency=currency,
        language=language,
        is_funded=_has_funds(brand_id, currency),
        estimated_minutes=estimated_minutes,
        first_reply_minutes=first_reply_minutes,
        follow_up_hours=follow_up_hours,
        resolution_hours=resolution_hours,
        created_at=now,
    )
    _set_hours(queue, hours)
    _set_cost(queue, in_house_cost)
    db.session.add(queue)
    _flush_named(name)
    db.session.add(
        Contract(
            brand_id=brand_id,
            id=new_id(),
            queue_id=queue.id,
            version=1,
            silence_hours=silence_hours,
            hold_days=hold_days,
            reopen_days=reopen_days,
            effective_from=now,
        )
    )
    db.session.flush()
    return queue


def change_queue(
    now: datetime, *, brand_id: UUID, queue_id: UUID, changes: dict[str, object]
) -> Queue:
    """Change what a queue says; what its contract says becomes the contract's next version.

    :param changes: fields of the queue and of its contract, those named here only.
    :raises QueueNameTaken: if the brand has another one of the new name.
    :raises HoursRefused: if rule R-tickets-5 forbids the hours.
    :raises OtherCurrency: if the cost is not in the queue's currency.
    """
    queue = _lock(brand_id, queue_id)
    if isinstance(hours := changes.get("hours"), Hours):
        _set_hours(queue, hours)
    if "in_house_cost" in changes:
        cost = changes["in_house_cost"]
        assert cost is None or isinstance(cost, Money)
        _set_cost(queue, cost)
    for field in QUEUE_FIELDS:
        if field in changes:
            setattr(queue, field, changes[field])
    _flush_named(queue.name)
    terms = {field: changes[field] for field in CONTRACT_FIELDS if field in changes}
    if terms:
        _next_contract(now, queue, terms)
    return queue


def open_queue(now: datetime, *, brand_id: UUID, queue_id: UUID) -> Queue:
    """Offer the queue's tickets to experts.

    :raises QueueHasNoReward: if nothing says what a resolution earns.
    :raises QueueWrongState: if it is closed.
    """
    if not rewards.current_rewards(brand_ids=[brand_id], queue_ids=[queue_id], now=now):
        raise QueueHasNoReward("Set a reward first: it says what a resolution earns.")
    return _move(brand_id, queue_id, QueueState.OPEN)


def pause_queue(now: datetime, *, brand_id: UUID, queue_id: UUID) -> Queue:
    """Offer nothing more; what is claimed goes on.

    :raises QueueWrongState: if it is not open.
    """
    return _move(brand_id, queue_id, QueueState.PAUSED)


def close_queue(now: datetime, *, brand_id: UUID, queue_id: UUID) -> Queue:
    """End a paused queue for good.

    :raises QueueWrongState: if it is not paused.
    """
    return _move(brand_id, queue_id, QueueState.CLOSED)


def mark_funded(now: datetime, *, brand_id: UUID, currency: str) -> None:
    """Write down that the brand's queues of this currency can offer tickets again."""
    db.session.execute(
        sa.update(Queue)
        .where(Queue.brand_id == brand_id, Queue.currency == currency, ~Queue.is_funded)
        .values(is_funded=True)
        .execution_options(synchronize_session=False)
    )


def stop_if_unfunded(now: datetime, *, brand_id: UUID, queue_id: UUID, needed: Money) -> None:
    """Stop offering a queue whose brand cannot cover a claim.

    The balance is read again under the queue's lock: a top-up may have come in between.
    """
    queue = _lock(brand_id, queue_id)
    balance = ledger.get_balance(
        Account.BRAND_AVAILABLE, owner_id=brand_id, currency=needed.currency
    )
    if balance < needed:
        queue.is_funded = False
        db.session.flush()


def _set_hours(queue: Queue, hours: Hours) -> None:
    rules.check_hours(hours)
    queue.time_zone = hours.time_zone
    queue.work_days = sorted(set(hours.work_days))
    queue.opens_minute, queue.closes_minute = hours.opens_minute, hours.closes_minute
    queue.holidays_of = hours.holidays_of


def _set_cost(queue: Queue, cost: Money | None) -> None:
    if cost is not None and cost.currency != queue.currency:
        raise OtherCurrency(f"The queue is in {queue.currency}: name the cost in {queue.currency}.")
    queue.in_house_cost_minor = None if cost is None else cost.amount_minor


def _has_funds(brand_id: UUID, currency: str) -> bool:
    return bool(ledger.get_balance(Account.BRAND_AVAILABLE, owner_id=brand_id, currency=currency))


def _move(brand_id: UUID, queue_id: UUID, wanted: QueueState) -> Queue:
    queue = _lock(brand_id, queue_id)
    state = QueueState(queue.state)
    if state is wanted:
        return queue
    if not rules.queue_may_become(state, wanted):
        raise QueueWrongState(f"A queue that is {state} cannot become {wanted}.", state=state)
    queue.state = wanted
    db.session.flush()
    return queue


def _next_contract(now: datetime, queue: Queue, terms: dict[str, object]) -> None:
    latest = db.session.scalars(
        sa.select(Contract)
        .where(Contract.brand_id == queue.brand_id, Contract.queue_id == queue.id)
        .order_by(Contract.version.desc())
        .limit(1)
    ).one()
    kept = {field: getattr(latest, field) for field in CONTRACT_FIELDS}
    if kept | terms == kept:
        return
    db.session.add(
        Contract(
            brand_id=queue.brand_id,
            id=new_id(),
            queue_id=queue.id,
            version=latest.version + 1,
            effective_from=now,
            **(kept | terms),
        )
    )
    db.session.flush()


def _flush_named(name: str) -> None:
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if violated(error) == "queue_name_is_new":
            raise QueueNameTaken(f"You have a queue named {name}. Choose another name.") from error
        raise


def _lock(brand_id: UUID, queue_id: UUID) -> Queue:
    queue = db.session.scalars(
        sa.select(Queue)
        .where(Queue.brand_id == brand_id, Queue.id == queue_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if queue is None:
        raise QueueNotFound("There is no such queue.")
    return queue
