"""How an arm is drawn: pure functions."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

WHOLE_BPS = 10_000


class Arm(enum.StrEnum):
    """Who answers the customers of an arm. The words are those of the routes."""

    EXPERT = "expert"
    IN_HOUSE = "in_house"
    BOT = "bot"


class ExperimentState(enum.StrEnum):
    """Whether an experiment draws. One runs at a time in a brand."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"


_S = ExperimentState
EXPERIMENT_NEXT: Mapping[ExperimentState, frozenset[ExperimentState]] = MappingProxyType(
    {
        _S.DRAFT: frozenset({_S.RUNNING}),
        _S.RUNNING: frozenset({_S.STOPPED}),
        _S.STOPPED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Shares:
    """How many customers in 10,000 each arm gets."""

    expert_bps: int
    in_house_bps: int
    bot_bps: int = 0


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn for a customer, and where they went."""

    point: int
    """Where in 10,000 the customer lies."""
    drawn: Arm
    arm: Arm
    """Another than ``drawn`` only if that arm was not available."""


def may_become(state: ExperimentState, wanted: ExperimentState) -> bool:
    """R-experiments-1: An experiment is drafted, runs and is stopped, once each."""
    return wanted in EXPERIMENT_NEXT[state]


def draw_arm(*, salt: str, customer_id: UUID, shares: Shares, is_bot_on: bool) -> Draw:
    """R-experiments-2: A customer's arm depends on nothing but the experiment's salt and their id,
    so it is the same every time; while the bot is off its share goes to the others in proportion.
    """
    point = _point(f"{salt}:{customer_id}")
    if point < shares.expert_bps:
        drawn = Arm.EXPERT
    elif point < shares.expert_bps + shares.in_house_bps:
        drawn = Arm.IN_HOUSE
    else:
        drawn = Arm.BOT
    if drawn is not Arm.BOT or is_bot_on:
        return Draw(point, drawn, drawn)
    people = shares.expert_bps + shares.in_house_bps
    # A draw of its own: the customers of the bot's share must not all fall to one side.
    again = _point(f"{salt}:bot-is-off:{customer_id}") * people // WHOLE_BPS
    is_expert = people == 0 or again < shares.expert_bps
    return Draw(point, drawn, Arm.EXPERT if is_expert else Arm.IN_HOUSE)


def _point(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") % WHOLE_BPS
