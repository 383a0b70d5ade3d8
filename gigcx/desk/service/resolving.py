"""Resolving: the claimant says so, the customer or their silence confirms, or it is reopened."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from gigcx import outbox
from gigcx.db import db
from gigcx.desk import rules
from gigcx.desk.models import Claim, Reservation, Resolution
from gigcx.desk.queries import clocks, wording
from gigcx.desk.queries import tickets as views
from gigcx.desk.rules import Claimant, ClaimEnd, ReservationState, ResolutionState
from gigcx.desk.rules.clocks import Clock, ClockMove
from gigcx.desk.service import clocks as sla
from gigcx.desk.service import leases
from gigcx.earnings import service as earnings
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.ledger import service as ledger
from gigcx.ledger.rules import Account, JournalKind, Leg
from gigcx.money import WHOLE_BPS, total
from gigcx.principal import Principal
from gigcx.tickets import queries as queues
from gigcx.tickets.rules import TicketState
from gigcx.tickets.service import tickets

_R = ResolutionState


class NothingToConfirm(Conflict):
    """The ticket has no answer that waits for the customer's word."""

    code = "desk/nothing-to-confirm"
    title = "There is nothing to confirm"


class TooLateToReopen(Conflict):
    """The contract's window for reopening is over."""

    code = "desk/too-late-to-reopen"
    title = "The ticket can no longer be reopened"


def resolve_ticket(now: datetime, *, who: Principal, ticket_id: UUID, fence: int) -> Resolution:
    """Say that the customer is helped. The customer confirms, or their silence does.

    :raises StaleFence: if the claim is over.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    claim = leases.live_claim(who=who, ticket_id=ticket_id, fence=fence)
    return _submit(now, ticket=ticket, claim=claim)


def resolve_by_silence(now: datetime, *, ticket: tickets.Ticket, claim: Claim) -> None:
    """Resolve an answered ticket whose customer has said nothing for as long as was agreed."""
    resolution = _submit(now, ticket=ticket, claim=claim)
    _decide(now, resolution=resolution, wanted=_R.ASSUMED)


def confirm_resolution(now: datetime, *, who: Principal, ticket_id: UUID) -> Resolution:
    """Take the customer's word that they are helped, and settle what was reserved.

    Confirming twice is confirming once.

    :raises NothingToConfirm: if no answer waits for it.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    resolution = _latest(ticket)
    if resolution is not None and resolution.state == _R.CONFIRMED:
        return resolution
    if resolution is None or resolution.state != _R.SUBMITTED:
        raise NothingToConfirm("There is no answer that waits for your word.")
    _decide(now, resolution=resolution, wanted=_R.CONFIRMED)
    return resolution


def assume_confirmed(now: datetime, *, brand_id: UUID, ticket_id: UUID) -> bool:
    """Settle a resolution after the agreed silence, and say whether it was due."""
    ticket = tickets.lock_ticket_of(brand_ids=(brand_id,), ticket_id=ticket_id)
    resolution = _latest(ticket)
    if resolution is None or resolution.state != _R.SUBMITTED or resolution.assumed_at > now:
        return False
    _decide(now, resolution=resolution, wanted=_R.ASSUMED)
    return True


def reopen_ticket(now: datetime, *, who: Principal, ticket_id: UUID, reason: str) -> None:
    """Open a resolved ticket again; the expert who knows it has the first right for some hours.

    An answer that waited for confirmation ends unpaid and its reservation goes back; one that
    was confirmed is taken back while its earning is pending.

    :raises NothingToConfirm: if the ticket was not resolved.
    :raises TooLateToReopen: if rule R-desk-6 forbids it.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    resolution = _latest(ticket)
    if resolution is None or ticket.state not in {TicketState.RESOLVED, TicketState.CLOSED}:
        raise NothingToConfirm("The ticket is not resolved; write to it instead.")
    claim = _claim_of(resolution)
    times = clocks.clocks_by_contract(brand_id=ticket.brand_id, contract_id=resolution.contract_id)
    if resolution.decided_at is not None and not rules.may_reopen(
        now, decided_at=resolution.decided_at, reopen_days=times.reopen_days
    ):
        raise TooLateToReopen(
            f"It could be reopened for {times.reopen_days} days. Please ask a new question."
        )
    is_experts = claim.claimant == Claimant.EXPERT
    tickets.move_ticket(
        ticket,
        TicketState.OPEN,
        first_expert_id=claim.claimant_id if is_experts else None,
        first_until=now + rules.FIRST_RIGHT if is_experts else None,
        resolved_at=None,
        closed_at=None,
    )
    tickets.note_event(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket_id,
        kind="reopened",
        actor_id=who.user_id,
        detail=wording.masked(ticket, reason),
    )
    sla.woken(now, ticket=ticket)
    sla.start(now, ticket=ticket, clock=Clock.RESOLUTION)
    outbox.put(now, "desk.ticket_changed", brand_id=ticket.brand_id, ticket_id=str(ticket_id))
    _undo(now, resolution=resolution, claim=claim)


def latest_of(ticket: tickets.Ticket) -> tuple[Resolution, Claim]:
    """Return the ticket's latest resolution with the claim that made it.

    :raises NothingToConfirm: if nobody has resolved it.
    """
    resolution = _latest(ticket)
    if resolution is None:
        raise NothingToConfirm("Nobody has answered this yet.")
    return resolution, _claim_of(resolution)


def _undo(now: datetime, *, resolution: Resolution, claim: Claim) -> None:
    if resolution.state == _R.SUBMITTED:
        for state in (_R.DISPUTED, _R.REJECTED):
            resolution.state = state
            db.session.flush()
        resolution.decided_at = now
        resolution.shared_bps = 0
        earnings.reject_earnings(now, brand_id=resolution.brand_id, resolution_id=resolution.id)
        leases.return_reservation(now, claim=claim)
    elif resolution.state in {_R.CONFIRMED, _R.ASSUMED}:
        resolution.state = _R.REOPENED
        db.session.flush()
        outbox.put(
            now,
            "desk.resolution_reopened",
            brand_id=resolution.brand_id,
            resolution_id=str(resolution.id),
        )


def _submit(now: datetime, *, ticket: tickets.Ticket, claim: Claim) -> Resolution:
    times = clocks.clocks_of(brand_id=ticket.brand_id, queue_id=ticket.queue_id, now=now)
    leases.end_claim(now, claim=claim, reason=ClaimEnd.RESOLVED)
    tickets.move_ticket(ticket, TicketState.RESOLVED, resolved_at=now)
    sla.ended(now, ticket=ticket, kind=ClockMove.MET)
    reservation = _spend(claim)
    queue = queues.get_queue_of(brand_id=ticket.brand_id, queue_id=ticket.queue_id)
    resolution = Resolution(
        brand_id=ticket.brand_id,
        id=new_id(),
        ticket_id=ticket.id,
        claim_id=claim.id,
        fence=claim.fence,
        contract_id=times.contract_id,
        cost_minor=queue.in_house_cost_minor if reservation is None else None,
        state=_R.SUBMITTED,
        shared_bps=0,
        submitted_at=now,
        assumed_at=now + timedelta(hours=times.silence_hours),
    )
    db.session.add(resolution)
    db.session.flush()
    if reservation is not None:
        _earn(
            now,
            claim=claim,
            resolution=resolution,
            reservation=reservation,
            contract_version=times.contract_version,
        )
    for kind in ("desk.ticket_changed", "desk.ticket_resolved"):
        outbox.put(now, kind, brand_id=ticket.brand_id, ticket_id=str(ticket.id))
    return resolution


def _spend(claim: Claim) -> Reservation | None:
    """Let a claim's whole reservation be earned; the brand's own staff has none."""
    return db.session.scalars(
        sa.update(Reservation)
        .where(Reservation.brand_id == claim.brand_id, Reservation.claim_id == claim.id)
        .where(Reservation.state == ReservationState.ACTIVE)
        .values(earned_minor=Reservation.amount_minor)
        .returning(Reservation)
    ).one_or_none()


def _earn(
    now: datetime,
    *,
    claim: Claim,
    resolution: Resolution,
    reservation: Reservation,
    contract_version: int,
) -> None:
    """Give the whole reward to an expert's resolution."""
    earnings.earn_reward(
        now,
        brand_id=claim.brand_id,
        expert_id=claim.claimant_id,
        ticket_id=claim.ticket_id,
        resolution_id=resolution.id,
        reservation_id=reservation.id,
        contract_version=contract_version,
        reward=reservation.reward,
        fee=reservation.amount - reservation.reward,
    )
    resolution.shared_bps = WHOLE_BPS
    db.session.flush()


def _decide(now: datetime, *, resolution: Resolution, wanted: ResolutionState) -> None:
    """Confirm or assume: close the ticket, date the earnings, settle the reservation, last."""
    times = clocks.clocks_by_contract(
        brand_id=resolution.brand_id, contract_id=resolution.contract_id
    )
    resolution.state = wanted
    resolution.decided_at = now
    db.session.flush()
    ticket = tickets.lock_ticket_of(
        brand_ids=(resolution.brand_id,), ticket_id=resolution.ticket_id
    )
    tickets.move_ticket(ticket, TicketState.CLOSED, closed_at=now)
    tickets.note_event(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket.id,
        kind=wanted,
        actor_id=ticket.customer_id,
    )
    outbox.put(now, "desk.ticket_changed", brand_id=ticket.brand_id, ticket_id=str(ticket.id))
    owed = earnings.confirm_earnings(
        now,
        brand_id=resolution.brand_id,
        resolution_id=resolution.id,
        hold_days=times.hold_days,
    )
    spent = db.session.scalars(
        sa.update(Reservation)
        .where(
            Reservation.brand_id == resolution.brand_id,
            Reservation.claim_id == resolution.claim_id,
        )
        .where(Reservation.state == ReservationState.ACTIVE)
        .values(state=ReservationState.SPENT)
        .returning(Reservation)
    ).one_or_none()
    if spent is None:
        return
    legs = [Leg(Account.BRAND_RESERVED, spent.brand_id, -spent.amount)]
    legs += [Leg(Account.EXPERT_PENDING, e.expert_id, e.amount) for e in owed]
    fee = total((e.fee for e in owed), currency=spent.currency)
    rest = spent.amount - fee - total((e.amount for e in owed), currency=spent.currency)
    if fee:
        legs.append(Leg(Account.PLATFORM_FEE, None, fee))
    if rest:
        legs.append(Leg(Account.BRAND_AVAILABLE, spent.brand_id, rest))
    ledger.post(
        now,
        kind=JournalKind.RESOLUTION_SETTLED,
        reference=f"resolution:{resolution.id}",
        legs=legs,
    )


def _latest(ticket: tickets.Ticket) -> Resolution | None:
    return db.session.scalars(
        sa.select(Resolution)
        .where(Resolution.brand_id == ticket.brand_id, Resolution.ticket_id == ticket.id)
        .order_by(Resolution.fence.desc())
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _claim_of(resolution: Resolution) -> Claim:
    return db.session.scalars(
        sa.select(Claim).where(
            Claim.brand_id == resolution.brand_id, Claim.id == resolution.claim_id
        )
    ).one()
