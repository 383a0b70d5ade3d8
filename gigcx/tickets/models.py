"""Queues with their contracts, tickets with their threads. Constraints are in the migrations."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base
from gigcx.money import Money
from gigcx.tickets.rules import Hours


class Queue(Base):
    """What a brand posts: whose questions are answered here, how fast, in which currency."""

    __tablename__ = "queues"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    brief: Mapped[str]
    state: Mapped[str]
    currency: Mapped[str] = mapped_column(sa.CHAR(3))
    language: Mapped[str]
    is_funded: Mapped[bool]
    """Written down when a reservation was refused or a top-up came: the feed sees no balance."""
    estimated_minutes: Mapped[int] = mapped_column(sa.SmallInteger)
    """How long an answer takes, as shown before a claim."""
    first_reply_minutes: Mapped[int]
    follow_up_hours: Mapped[int]
    resolution_hours: Mapped[int]
    time_zone: Mapped[str]
    """IANA name of the zone in which its hours are meant."""
    work_days: Mapped[list[int]] = mapped_column(ARRAY(sa.SmallInteger))
    """Days on which clocks run, Monday is 0."""
    opens_minute: Mapped[int]
    closes_minute: Mapped[int]
    """Minutes of the day between which clocks run; 0 and 1440 are around the clock."""
    holidays_of: Mapped[str]
    """ISO 3166-1 code of the country whose public holidays stop clocks; empty for none."""
    in_house_cost_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What it costs the brand when its own staff answers a ticket, in the queue's currency."""
    created_at: Mapped[datetime]

    @property
    def hours(self) -> Hours:
        """When its clocks run."""
        return Hours(
            self.time_zone,
            tuple(self.work_days),
            self.opens_minute,
            self.closes_minute,
            self.holidays_of,
        )

    @property
    def in_house_cost(self) -> Money | None:
        """What it costs the brand when its own staff answers a ticket."""
        cost = self.in_house_cost_minor
        return None if cost is None else Money(cost, self.currency)


class Contract(Base):
    """What *resolved* means for a queue, by version; every earning names the one that pays it."""

    __tablename__ = "contracts"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    queue_id: Mapped[UUID]
    version: Mapped[int]
    silence_hours: Mapped[int]
    """Silence of the customer that confirms."""
    hold_days: Mapped[int]
    """Days from confirmation to release."""
    reopen_days: Mapped[int]
    effective_from: Mapped[datetime]


class Ticket(Base):
    """One question of one customer. Its texts are masked; the originals are kept apart."""

    __tablename__ = "tickets"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    queue_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    asker_id: Mapped[UUID | None]
    """The user that the customer is, if they sign in here too: nobody answers themselves."""
    topic_id: Mapped[UUID]
    external_id: Mapped[str | None]
    state: Mapped[str]
    route: Mapped[str]
    priority: Mapped[int] = mapped_column(sa.SmallInteger)
    complexity: Mapped[int] = mapped_column(sa.SmallInteger)
    """1 to 3."""
    language: Mapped[str]
    intention: Mapped[str]
    """With what the customer comes: positive, neutral, negative."""
    subject: Mapped[str]
    fence: Mapped[int] = mapped_column(sa.BigInteger)
    """How often it was claimed."""
    first_expert_id: Mapped[UUID | None]
    """Who has the first right to a reopened ticket, until ``first_until``."""
    first_until: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    assignee_id: Mapped[UUID | None]
    """The person of the brand who is to answer it."""
    merged_into_id: Mapped[UUID | None]


class Message(Base):
    """One message of a thread, as everybody but its customer's brand reads it."""

    __tablename__ = "messages"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    author: Mapped[str]
    author_id: Mapped[UUID | None]
    fence: Mapped[int | None] = mapped_column(sa.BigInteger)
    masked_text: Mapped[str]
    is_internal: Mapped[bool]
    sent_at: Mapped[datetime]


class Original(Base):
    """What a person really wrote, in a table of its own."""

    __tablename__ = "originals"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The message's id, or the ticket's for its subject."""
    field: Mapped[str] = mapped_column(primary_key=True)
    original: Mapped[str]


class Draft(Base):
    """What somebody is writing."""

    __tablename__ = "drafts"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    draft: Mapped[str]
    saved_at: Mapped[datetime]


class Tag(Base):
    """A word by which the brand finds a ticket again."""

    __tablename__ = "tags"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)


class CannedAnswer(Base):
    """An answer that the brand gives often; who answers starts from it."""

    __tablename__ = "canned_answers"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    answer: Mapped[str]
    saved_at: Mapped[datetime]


class File(Base):
    """Bytes under their hash: the same file twice is stored once."""

    __tablename__ = "files"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class Attachment(Base):
    """A file that came with a message."""

    __tablename__ = "attachments"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    message_id: Mapped[UUID]
    name: Mapped[str]
    """As its sender called it, masked."""
    type: Mapped[str]
    """Its media type, from the list of those that are taken."""
    size_bytes: Mapped[int]
    sha256: Mapped[bytes]
    added_at: Mapped[datetime]


class TicketEvent(Base):
    """One line of a ticket's history."""

    __tablename__ = "ticket_events"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    kind: Mapped[str]
    actor_id: Mapped[UUID]
    detail: Mapped[str]
    at: Mapped[datetime]
