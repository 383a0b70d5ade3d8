"""The lease itself: opening it with its reservation, proving it, ending it with its money back."""

from datetime import datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from gigcx import outbox
from gigcx.db import db
from gigcx.desk.models import Claim, Reservation
from gigcx.desk.queries.prices import Price
from gigcx.desk.rules import Claimant, ClaimEnd, ClaimState, ReservationState
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.ledger import service as ledger
from gigcx.ledger.rules import Account, JournalKind, move
from gigcx.principal import Principal
from gigcx.tickets.service import queues, tickets


class BrandOutOfFunds(Conflict):
    """The brand's balance does not cover what the claim can cost."""

    code = "desk/brand-out-of-funds"
    title = "The brand's balance is too low"


class StaleFence(Conflict):
    """The claim is over: somebody else may have the ticket by now."""

    code = "desk/stale-fence"
    title = "Your claim on this ticket is over"


def open_claim(
    now: datetime,
    *,
    taken: tickets.Taken,
    claimant: Claimant,
    claimant_id: UUID,
    lease_until: datetime,
) -> Claim:
    """Store the claim of a ticket that was just taken."""
    claim = db.session.scalars(
        sa.insert(Claim)
        .values(
            brand_id=taken.brand_id,
            id=new_id(),
            ticket_id=taken.ticket_id,
            claimant=claimant,
            claimant_id=claimant_id,
            fence=taken.fence,
            state=ClaimState.ACTIVE,
            claimed_at=now,
            lease_until=lease_until,
        )
        .returning(Claim)
    ).one()
    outbox.put(
        now,
        "desk.ticket_claimed",
        brand_id=claim.brand_id,
        ticket_id=str(claim.ticket_id),
        claim_id=str(claim.id),
    )
    return claim


def reserve(now: datetime, *, claim: Claim, price: Price, queue_id: UUID) -> None:
    """Set aside the most that an expert's claim can cost: the last thing its transaction does.

    :raises BrandOutOfFunds: if the balance does not cover it; the queue is offered no more.
    """
    db.session.execute(
        sa.insert(Reservation).values(
            brand_id=claim.brand_id,
            id=new_id(),
            claim_id=claim.id,
            reward_minor=price.reward.amount_minor,
            amount_minor=price.cost_max.amount_minor,
            currency=price.cost_max.currency,
            state=ReservationState.ACTIVE,
            earned_minor=0,
        )
    )
    try:
        ledger.post(
            now,
            kind=JournalKind.CLAIM_RESERVED,
            reference=f"claim:{claim.id}",
            legs=move(
                price.cost_max,
                out_of=(Account.BRAND_AVAILABLE, claim.brand_id),
                into=(Account.BRAND_RESERVED, claim.brand_id),
            ),
        )
    except ledger.NotCovered as error:
        stop = partial(
            queues.stop_if_unfunded,
            brand_id=claim.brand_id,
            queue_id=queue_id,
            needed=price.cost_max,
        )
        raise BrandOutOfFunds(
            "The brand's balance does not cover this ticket. It was told; other queues go on.",
            afterwards=stop,
        ) from error


def live_claim(*, who: Principal, ticket_id: UUID, fence: int) -> Claim:
    """Return the active claim of this fence, locked, so that a write and its end take turns.

    :raises StaleFence: if it is over or somebody else's.
    """
    claim = db.session.scalars(
        sa.select(Claim)
        .where(Claim.brand_id.in_(who.brand_ids), Claim.ticket_id == ticket_id)
        .where(Claim.fence == fence, Claim.claimant_id == who.user_id)
        .where(Claim.state == ClaimState.ACTIVE)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if claim is None:
        raise StaleFence(
            "Your claim on this ticket is over. What you wrote is kept as your draft.",
            fence=fence,
        )
    return claim


def find_active_claim(*, brand_id: UUID, ticket_id: UUID) -> Claim | None:
    """Return the ticket's active claim, locked, whoever holds it."""
    return db.session.scalars(
        sa.select(Claim)
        .where(Claim.brand_id == brand_id, Claim.ticket_id == ticket_id)
        .where(Claim.state == ClaimState.ACTIVE)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def end_claim(now: datetime, *, claim: Claim, reason: ClaimEnd) -> None:
    """End an active claim. What becomes of its reservation is the caller's next line."""
    claim.state = ClaimState.ENDED
    claim.ended_at = now
    claim.ended_reason = reason
    db.session.flush()


def set_lease(claim: Claim, *, until: datetime) -> None:
    """Move the end of the lease: with each answer the clock is another's."""
    claim.lease_until = until
    db.session.flush()


def return_reservation(now: datetime, *, claim: Claim) -> None:
    """Give the brand back what a claim without pay had set aside: the last thing done.

    A claim of the brand's own staff has reserved nothing.
    """
    returned = db.session.scalars(
        sa.update(Reservation)
        .where(Reservation.brand_id == claim.brand_id, Reservation.claim_id == claim.id)
        .where(Reservation.state == ReservationState.ACTIVE)
        .values(state=ReservationState.RETURNED, earned_minor=0)
        .returning(Reservation)
    ).one_or_none()
    if returned is None:
        return
    ledger.post(
        now,
        kind=JournalKind.CLAIM_RETURNED,
        reference=f"claim:{claim.id}",
        legs=move(
            returned.amount,
            out_of=(Account.BRAND_RESERVED, claim.brand_id),
            into=(Account.BRAND_AVAILABLE, claim.brand_id),
        ),
    )
