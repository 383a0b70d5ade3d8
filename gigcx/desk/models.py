"""Claims, what they reserve and what came of them. Constraints are in the migrations."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base
from gigcx.desk.rules import ImportState
from gigcx.money import Money


class Claim(Base):
    """One claimant's exclusive lease of one ticket. A ticket has many, one after the other."""

    __tablename__ = "claims"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    claimant: Mapped[str]
    claimant_id: Mapped[UUID]
    """Experts and people are shared by brands: no foreign key crosses that line."""
    fence: Mapped[int] = mapped_column(sa.BigInteger)
    """The ticket's count of claims at this one. Every write by the expert carries it."""
    state: Mapped[str]
    claimed_at: Mapped[datetime]
    first_replied_at: Mapped[datetime | None]
    lease_until: Mapped[datetime]
    """Moves with activity; past it, the next claimer ends this claim."""
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]


class Reservation(Base):
    """The most that one claim can cost its brand, fee included."""

    __tablename__ = "reservations"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    claim_id: Mapped[UUID]
    reward_minor: Mapped[int] = mapped_column(sa.BigInteger)
    """What of it is the expert's reward."""
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    state: Mapped[str]
    earned_minor: Mapped[int] = mapped_column(sa.BigInteger)
    """What earnings have taken of it, fee included."""

    @property
    def reward(self) -> Money:
        """The expert's part as a value object."""
        return Money(self.reward_minor, self.currency)

    @property
    def amount(self) -> Money:
        """The whole as a value object."""
        return Money(self.amount_minor, self.currency)


class Resolution(Base):
    """A claimant's word that the customer was helped, and what the customer said to it."""

    __tablename__ = "resolutions"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    fence: Mapped[int] = mapped_column(sa.BigInteger)
    contract_id: Mapped[UUID]
    cost_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What it cost the brand if its own staff answered, in the queue's currency."""
    state: Mapped[str]
    shared_bps: Mapped[int]
    """Basis points of the reward that earnings have been given."""
    submitted_at: Mapped[datetime]
    assumed_at: Mapped[datetime]
    """When silence will confirm it."""
    decided_at: Mapped[datetime | None]


class Import(Base):
    """One file of a brand, read line by line."""

    __tablename__ = "imports"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    queue_id: Mapped[UUID | None]
    file_name: Mapped[str]
    file_sha256: Mapped[bytes]
    options: Mapped[dict[str, Any]]
    state: Mapped[str]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    bytes_total: Mapped[int] = mapped_column(sa.BigInteger)
    bytes_done: Mapped[int] = mapped_column(sa.BigInteger)
    lines_done: Mapped[int]
    accepted: Mapped[int]
    known: Mapped[int]
    """Lines whose external id was there already."""
    refused: Mapped[int]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None]

    @property
    def is_running(self) -> bool:
        """Whether records are read now."""
        return self.state == ImportState.RUNNING


class ImportChunk(Base):
    """A piece of an import's file, deleted when the import is done."""

    __tablename__ = "import_chunks"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class ImportRefusal(Base):
    """One line that was refused, and why."""

    __tablename__ = "import_refusals"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_number: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str]
    reason: Mapped[str]


class Routing(Base):
    """Which way a ticket went, and what was known of it then. Written once, with the ticket."""

    __tablename__ = "routings"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    route: Mapped[str]
    because: Mapped[str]
    is_eligible: Mapped[bool]
    """For an experiment."""
    reasons: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    """Why not."""
    experiment_id: Mapped[UUID | None]
    topic_guess: Mapped[str | None]
    """The likeliest topic's id, however sure the model is."""
    topic_bps: Mapped[int | None]
    """How sure, in basis points."""
    language: Mapped[str]
    intention: Mapped[str]
    urgency: Mapped[int] = mapped_column(sa.SmallInteger)
    complexity: Mapped[int] = mapped_column(sa.SmallInteger)
    model_id: Mapped[UUID | None]
    """The model that guessed the topic."""
    routed_at: Mapped[datetime]


class Reveal(Base):
    """One look at what a person really wrote: by whom, why, and until when. Never changed."""

    __tablename__ = "reveals"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    original_id: Mapped[UUID]
    """The message's id, or the ticket's for its subject."""
    field: Mapped[str]
    user_id: Mapped[UUID]
    purpose: Mapped[str]
    revealed_at: Mapped[datetime]
    until: Mapped[datetime]


class ActionRequest(Base):
    """What an expert asks the brand to do inside a claim; ticket and reward stay with them."""

    __tablename__ = "action_requests"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    kind: Mapped[str]
    detail: Mapped[str]
    state: Mapped[str]
    answer: Mapped[str]
    requested_by: Mapped[UUID]
    answered_by: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class ClockEvent(Base):
    """One line of a clock's log. The latest line of a clock says how it stands."""

    __tablename__ = "clock_events"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    clock: Mapped[str]
    kind: Mapped[str]
    spent_minutes: Mapped[int]
    """Minutes of business hours that had run until then."""
    due_at: Mapped[datetime | None]
    """When it will have run out, while it runs."""
    at: Mapped[datetime]


class Incident(Base):
    """A ticket that speaks of danger, in the brand's register. Source: SAF-1."""

    __tablename__ = "incidents"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    dangers: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    evidence: Mapped[str]
    """The words that show it, masked; or what somebody said who flagged it."""
    flagged_by: Mapped[UUID | None]
    """The person who flagged it; None if the rules did."""
    state: Mapped[str]
    owner_id: Mapped[UUID | None]
    """The person of the brand who looks into it."""
    conclusion: Mapped[str]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """By when somebody takes it on."""
    closed_at: Mapped[datetime | None]
