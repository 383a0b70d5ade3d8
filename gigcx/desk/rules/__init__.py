"""Claims, reservations and resolutions: their states, clocks and terms."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from gigcx.errors import Conflict
from gigcx.money import Money
from gigcx.tickets.rules import Route, TicketState

INCIDENT_DUE = timedelta(hours=1)
"""Within which somebody of the brand takes an incident on. Policy: SAF-1."""
FIRST_RIGHT = timedelta(hours=4)
"""How long a reopened ticket waits for its expert alone. Policy: CLM-3."""
CUSTOMER_WAITS = timedelta(hours=48)
"""Silence of the customer after which an answered ticket counts as resolved, where the queue's
contract says nothing else. Policy: CLM-3."""


REVEALED_FOR = timedelta(minutes=15)
"""How long one look at an original lasts. Policy: CNV-5."""


class Purpose(enum.StrEnum):
    """Why a person of the brand reads what a customer really wrote. Policy: CNV-5."""

    CONTACT = "contact"
    IDENTIFY = "identify"
    SAFETY = "safety"
    LEGAL = "legal"


class ClaimState(enum.StrEnum):
    """A claim is one lease of one ticket."""

    ACTIVE = "active"
    ENDED = "ended"


class ClaimEnd(enum.StrEnum):
    """Why a claim ended."""

    RESOLVED = "resolved"
    RELEASED = "released"
    EXPIRED = "expired"
    TRANSFERRED = "transferred"
    TAKEN_OVER = "taken_over"
    HANDED_BACK = "handed_back"


class Claimant(enum.StrEnum):
    """Who holds a claim. Only an expert's claim reserves money."""

    EXPERT = "expert"
    STAFF = "staff"
    BOT = "bot"


class ReservationState(enum.StrEnum):
    """A reservation is the most that one claim can cost."""

    ACTIVE = "active"
    SPENT = "spent"
    RETURNED = "returned"


class ResolutionState(enum.StrEnum):
    """A resolution says that the customer was helped, and then whether they agree."""

    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    ASSUMED = "assumed"
    DISPUTED = "disputed"
    REJECTED = "rejected"
    REOPENED = "reopened"


class ImportState(enum.StrEnum):
    """An import reads one file, line by line, and can be stopped and resumed."""

    RECEIVED = "received"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


class IncidentState(enum.StrEnum):
    """An incident is looked into by a named person until there is a conclusion."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    CLOSED = "closed"


class RequestState(enum.StrEnum):
    """A request to the brand inside a claim."""

    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"


class RequestKind(enum.StrEnum):
    """What an expert may ask the brand to do. Source: CNV-6."""

    REFUND = "refund"
    REPLACEMENT = "replacement"
    UNLOCK = "unlock"
    ORDER_CHANGE = "order_change"
    OTHER = "other"


class Because(enum.StrEnum):
    """What decided which way a ticket went."""

    DANGER = "danger"
    CHOICE = "choice"
    OBJECTION = "objection"
    ARM = "arm"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Path:
    """Which way a ticket goes, and why."""

    route: Route
    because: Because
    reasons: tuple[str, ...]
    """What keeps it out of any experiment; empty if nothing does."""


CLAIM_NEXT: Mapping[ClaimState, frozenset[ClaimState]] = MappingProxyType(
    {ClaimState.ACTIVE: frozenset({ClaimState.ENDED}), ClaimState.ENDED: frozenset()}
)

_V = ReservationState
RESERVATION_NEXT: Mapping[ReservationState, frozenset[ReservationState]] = MappingProxyType(
    {
        _V.ACTIVE: frozenset({_V.SPENT, _V.RETURNED}),
        _V.SPENT: frozenset(),
        _V.RETURNED: frozenset(),
    }
)

_R = ResolutionState
RESOLUTION_NEXT: Mapping[ResolutionState, frozenset[ResolutionState]] = MappingProxyType(
    {
        _R.SUBMITTED: frozenset({_R.CONFIRMED, _R.ASSUMED, _R.DISPUTED}),
        _R.CONFIRMED: frozenset({_R.REOPENED}),
        _R.ASSUMED: frozenset({_R.REOPENED}),
        _R.DISPUTED: frozenset({_R.CONFIRMED, _R.REJECTED}),
        _R.REJECTED: frozenset(),
        _R.REOPENED: frozenset(),
    }
)

_I = ImportState
IMPORT_NEXT: Mapping[ImportState, frozenset[ImportState]] = MappingProxyType(
    {
        _I.RECEIVED: frozenset({_I.RUNNING, _I.FAILED}),
        _I.RUNNING: frozenset({_I.FINISHED, _I.STOPPED, _I.FAILED}),
        _I.STOPPED: frozenset({_I.RUNNING}),
        _I.FINISHED: frozenset(),
        _I.FAILED: frozenset(),
    }
)


_Q = RequestState
REQUEST_NEXT: Mapping[RequestState, frozenset[RequestState]] = MappingProxyType(
    {
        _Q.OPEN: frozenset({_Q.DONE, _Q.DECLINED}),
        _Q.DONE: frozenset(),
        _Q.DECLINED: frozenset(),
    }
)

_N = IncidentState
INCIDENT_NEXT: Mapping[IncidentState, frozenset[IncidentState]] = MappingProxyType(
    {
        _N.OPEN: frozenset({_N.INVESTIGATING}),
        _N.INVESTIGATING: frozenset({_N.CLOSED}),
        _N.CLOSED: frozenset({_N.INVESTIGATING}),
    }
)


class RewardChanged(Conflict):
    """The reward is not the one that the expert was shown."""

    code = "desk/reward-changed"
    title = "The reward has changed"


def check_terms(*, seen: Money, reward: Money) -> None:
    """R-desk-1: Nobody works for another reward than the one they were shown.

    :raises RewardChanged: with the reward of now, if it differs from ``seen``.
    """
    if seen != reward:
        raise RewardChanged(
            f"The reward is {reward} now. Claim again if you want the ticket for that.",
            reward_minor=reward.amount_minor,
            currency=reward.currency,
        )


def cost_max(reward: Money, *, fee_bps: int) -> Money:
    """R-desk-2: A claim can cost the brand the reward and the platform's fee on it, never more.

    :param fee_bps: the brand's platform fee in basis points of the reward.
    """
    return reward + reward.share(fee_bps)


def lease_from_claim(now: datetime, *, first_reply_minutes: int) -> datetime:
    """R-desk-3: Who claims a ticket answers it within the queue's time for a first reply."""
    return now + timedelta(minutes=first_reply_minutes)


def lease_from_reply(now: datetime, *, silence_hours: int) -> datetime:
    """R-desk-4: While the customer is to answer, the claim stays; their silence resolves it."""
    return now + timedelta(hours=silence_hours)


def lease_from_follow_up(now: datetime, *, follow_up_hours: int) -> datetime:
    """R-desk-5: A customer's follow-up is answered within the queue's time for follow-ups."""
    return now + timedelta(hours=follow_up_hours)


def may_reopen(now: datetime, *, decided_at: datetime, reopen_days: int) -> bool:
    """R-desk-6: A customer may reopen a ticket within the contract's window after its close."""
    return now <= decided_at + timedelta(days=reopen_days)


def choose_path(
    *, dangers: Sequence[str], wants_staff: bool, objects: bool, arm: Route | None
) -> Path:
    """R-desk-10: Danger goes to the brand's safety lane before anything is drawn; then whoever
    wants the brand's own staff gets them; whoever objects to experiments goes the standard way,
    which is to an expert; everybody else goes where the running experiment has drawn them.

    :param arm: what was drawn; None while nothing runs, or for who is not eligible.
    """
    reasons = (
        *(f"danger:{danger}" for danger in dangers),
        *(("choice",) if wants_staff else ()),
        *(("objection",) if objects else ()),
    )
    if dangers:
        return Path(Route.SAFETY, Because.DANGER, reasons)
    if wants_staff:
        return Path(Route.IN_HOUSE, Because.CHOICE, reasons)
    if objects:
        return Path(Route.EXPERT, Because.OBJECTION, reasons)
    if arm is not None:
        return Path(arm, Because.ARM, reasons)
    return Path(Route.EXPERT, Because.STANDARD, reasons)


def staff_route(route: Route) -> Route:
    """R-desk-11: What the brand's staff takes on is answered in-house from then on; what is in
    the safety lane stays there.
    """
    return Route.SAFETY if route is Route.SAFETY else Route.IN_HOUSE


def incident_may_become(state: IncidentState, wanted: IncidentState) -> bool:
    """R-desk-12: An incident is closed only by who has looked into it, and may be looked into
    again.
    """
    return wanted in INCIDENT_NEXT[state]


def may_answer_request(state: RequestState, wanted: RequestState) -> bool:
    """R-desk-14: What an expert asks of the brand is done or declined, once."""
    return wanted in REQUEST_NEXT[state]


def may_merge(state: TicketState) -> bool:
    """R-desk-15: A ticket may be merged into another unless its answer waits for the customer's
    word or it is merged already: what is earned by it must be settled first.
    """
    return state not in {TicketState.RESOLVED, TicketState.MERGED}
