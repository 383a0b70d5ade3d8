"""Rows and refusals for tests of the database itself, below every service.

Everything else makes its rows with ``tests.factories``, which call the services.
"""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from gigcx.cli.database import MIGRATIONS
from gigcx.ids import new_id
from gigcx.principal import NO_ONE_ID

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SHA = bytes(32)


def tables(kind: str) -> set[str]:
    """Return the tables that the migrations call ``BRAND_OWNED`` or ``SHARED``."""
    modules = (
        importlib.import_module(f"migrations.versions.{path.stem}")
        for path in sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
    )
    return {table for module in modules for table in getattr(module, kind, ())}


def insert(connection: sa.Connection, table: str, **values: object) -> UUID | None:
    """Insert one row and return its id, where it has one."""
    columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), values)
    return values.get("id")


def update(connection: sa.Connection, table: str, row_id: UUID, **values: object) -> None:
    """Change one row."""
    changes = ", ".join(f"{name} = :{name}" for name in values)
    statement = sa.text(f"UPDATE {table} SET {changes} WHERE id = :row_id")
    assert connection.execute(statement, {**values, "row_id": row_id}).rowcount == 1


@contextmanager
def as_role(
    connection: sa.Connection,
    role: str,
    *,
    brands: Sequence[UUID] = (),
    user: UUID = NO_ONE_ID,
    purpose: str = "",
) -> Iterator[None]:
    """Let the block be a database role with the settings that row-level security reads."""
    told = {"brands": ",".join(map(str, brands)), "user": str(user), "purpose": purpose}
    tell = sa.text(
        "SELECT set_config('app.brand_ids', :brands, true), set_config('app.user_id', :user, true),"
        " set_config('app.purpose', :purpose, true)"
    )
    with connection.begin_nested():  # A refusal undoes the role as well.
        connection.execute(tell, told)
        connection.execute(sa.text(f"SET LOCAL ROLE gigcx_{role}"))
        yield
        connection.execute(sa.text("SET LOCAL ROLE NONE"))


@contextmanager
def refused(connection: sa.Connection, by: str) -> Iterator[None]:
    """Expect the database to refuse the block by this constraint or SQLSTATE, and undo it."""
    with pytest.raises(sa.exc.DBAPIError) as caught, connection.begin_nested():
        yield
    refusal = caught.value.orig
    assert isinstance(refusal, psycopg.Error)
    assert by in {refusal.diag.constraint_name, refusal.sqlstate}, refusal


class People:
    """An expert with an account for payouts and two people of finance."""

    def __init__(self, connection: sa.Connection) -> None:
        self.expert, self.maker, self.checker = (self._user(connection) for _ in range(3))
        insert(connection, "experts", id=self.expert, created_at=NOW)
        self.account = insert(
            connection,
            "payout_accounts",
            id=new_id(),
            expert_id=self.expert,
            country="DE",
            created_at=NOW,
        )
        for state in ("created", "onboarding", "active"):
            update(connection, "payout_accounts", self.account, state=state, fingerprint="f")

    def _user(self, connection: sa.Connection) -> UUID:
        user = new_id()
        insert(
            connection, "users", id=user, email=f"{user}@example.org", name="Sam", created_at=NOW
        )
        return user


class Desk:
    """A brand with one row in every table of its own: a ticket was claimed, resolved and earned."""

    def __init__(self, connection: sa.Connection, people: People) -> None:
        self.connection, self.people = connection, people
        self.brand = new_id()
        insert(connection, "brands", id=self.brand, name="Acme", slug=self.brand, created_at=NOW)
        self._catalog()
        self._queue()
        self._ticket()
        self.claim = self.add_claim(fence=1)
        self.reservation = self.add_reservation(self.claim)
        self.resolution = self.add_resolution(self.claim, fence=1)
        self.earning = self.add_earning()
        self._rest()

    def add(self, table: str, **values: object) -> UUID:
        row_id = insert(self.connection, table, brand_id=self.brand, id=new_id(), **values)
        assert row_id is not None
        return row_id

    def add_claim(self, *, fence: int, **changes: object) -> UUID:
        values = {"claimant": "expert", "claimant_id": self.people.expert, "fence": fence}
        times = {"claimed_at": NOW, "lease_until": LATER}
        return self.add("claims", ticket_id=self.ticket, **values | times | changes)

    def add_reservation(self, claim: UUID, **changes: object) -> UUID:
        values = {"reward_minor": 1000, "amount_minor": 1250, "currency": "EUR"}
        return self.add("reservations", claim_id=claim, **values | changes)

    def add_resolution(self, claim: UUID, *, fence: int, **changes: object) -> UUID:
        values = {"contract_id": self.contract, "submitted_at": NOW, "assumed_at": LATER}
        return self.add(
            "resolutions",
            ticket_id=self.ticket,
            claim_id=claim,
            fence=fence,
            **values | changes,
        )

    def add_earning(self, **changes: object) -> UUID:
        values = {
            "kind": "reward",
            "subject": self.resolution,
            "expert_id": self.people.expert,
            "reservation_id": self.reservation,
            "resolution_id": self.resolution,
            "contract_version": 1,
            "share_bps": 10_000,
            "amount_minor": 1000,
            "currency": "EUR",
            "created_at": NOW,
        }
        return self.add("earnings", **values | changes)

    def _catalog(self) -> None:
        self.topic = new_id()
        values = {"brand_id": self.brand, "id": self.topic, "path": [self.topic]}
        insert(self.connection, "topics", name="Returns", created_at=NOW, **values)
        expert = self.people.expert
        self.add("applications", expert_id=expert, applied_at=NOW)
        insert(
            self.connection,
            "memberships",
            brand_id=self.brand,
            user_id=self.people.maker,
            role="owner",
            created_at=NOW,
        )
        self.certificate = self.add(
            "certificates",
            expert_id=expert,
            topic_id=self.topic,
            score_bps=9000,
            issued_at=NOW,
            valid_until=LATER,
        )
        self.customer = self.add("customers", external_id="c-1", created_at=NOW)
        self.add(
            "orders",
            customer_id=self.customer,
            external_id="o-1",
            amount_minor=5,
            currency="EUR",
            ordered_at=NOW,
        )

    def _queue(self) -> None:
        self.queue = self.add("queues", name="Help", currency="EUR", created_at=NOW)
        self.contract = self.add("contracts", queue_id=self.queue, version=1, effective_from=NOW)
        self.reward = self.add(
            "rewards", queue_id=self.queue, amount_minor=1000, currency="EUR", effective_from=NOW
        )

    def _ticket(self) -> None:
        self.ticket = self.add(
            "tickets",
            queue_id=self.queue,
            customer_id=self.customer,
            topic_id=self.topic,
            route="expert",
            subject="Where is it?",
            opened_at=NOW,
        )
        of = {"brand_id": self.brand, "ticket_id": self.ticket}
        self.message = self.add(
            "messages", ticket_id=self.ticket, author="customer", masked_text="Hi", sent_at=NOW
        )
        self.add("originals", field="text", original="Hi")
        insert(
            self.connection,
            "drafts",
            user_id=self.people.expert,
            draft="Dear",
            saved_at=NOW,
            **of,
        )
        self.add("ticket_events", ticket_id=self.ticket, kind="opened", actor_id=new_id(), at=NOW)

    def _rest(self) -> None:
        self.rating = self.add(
            "ratings",
            ticket_id=self.ticket,
            resolution_id=self.resolution,
            claimant_id=self.people.expert,
            stars=5,
            rated_at=NOW,
        )
        self.funding = self.add(
            "fundings", amount_minor=100, currency="EUR", created_by=new_id(), created_at=NOW
        )
        self.add("search_documents", kind="ticket", tsv="'returns':1")
        load = self.add(
            "imports",
            kind="tickets",
            file_name="a.csv",
            file_sha256=SHA,
            created_by=new_id(),
            created_at=NOW,
            bytes_total=1,
        )
        of = {"brand_id": self.brand, "import_id": load}
        insert(self.connection, "import_chunks", n=1, content=b"a", **of)
        insert(self.connection, "import_refusals", line_number=1, reason="empty", **of)
        self._routing()

    def _routing(self) -> None:
        self.experiment = self.add(
            "experiments",
            name="Half and half",
            salt="a",
            expert_bps=5000,
            in_house_bps=5000,
            bot_bps=0,
            created_at=NOW,
        )
        of = {"brand_id": self.brand, "customer_id": self.customer}
        insert(
            self.connection,
            "assignments",
            experiment_id=self.experiment,
            point=1,
            drawn="expert",
            arm="expert",
            assigned_at=NOW,
            **of,
        )
        insert(
            self.connection,
            "routings",
            brand_id=self.brand,
            ticket_id=self.ticket,
            route="expert",
            because="standard",
            is_eligible=True,
            reasons=[],
            language="en",
            intention="neutral",
            urgency=0,
            complexity=1,
            routed_at=NOW,
        )
        self.incident = self.add(
            "incidents",
            ticket_id=self.ticket,
            dangers=["fire"],
            evidence="on fire",
            opened_at=NOW,
            due_at=LATER,
        )
        self.add(
            "topic_models",
            packed=b"-",
            examples=1,
            accuracy_bps=0,
            is_current=True,
            fitted_at=NOW,
        )
        self._conversation()

    def _conversation(self) -> None:
        of = {"brand_id": self.brand, "ticket_id": self.ticket}
        self.add(
            "reveals",
            ticket_id=self.ticket,
            original_id=new_id(),
            field="text",
            user_id=new_id(),
            purpose="contact",
            revealed_at=NOW,
            until=LATER,
        )
        self.mail = self.add(
            "mails", ticket_id=self.ticket, direction="in", kind="message", name="<a@b>", at=NOW
        )
        insert(self.connection, "tags", tag="parcel", **of)
        self.canned = self.add("canned_answers", title="Hello", answer="Hi", saved_at=NOW)
        self.request = self.add(
            "action_requests",
            ticket_id=self.ticket,
            claim_id=self.claim,
            kind="refund",
            detail="Please",
            requested_by=self.people.expert,
            requested_at=NOW,
        )
        insert(self.connection, "files", brand_id=self.brand, sha256=SHA, content=b"a")
        self.add(
            "attachments",
            ticket_id=self.ticket,
            message_id=self.message,
            name="a.txt",
            type="text/plain",
            size_bytes=1,
            sha256=SHA,
            added_at=NOW,
        )
        self.add(
            "clock_events",
            ticket_id=self.ticket,
            clock="first_reply",
            kind="started",
            spent_minutes=0,
            due_at=LATER,
            at=NOW,
        )
        self._customers()

    def _customers(self) -> None:
        other = self.add("customers", external_id="c-merged", created_at=NOW)
        self.add(
            "contacts",
            external_id="told-1",
            customer_id=other,
            resolver="other",
            status="solved",
            contacted_at=NOW,
        )
        self.merge = self.add(
            "customer_merges",
            from_id=other,
            into_id=self.customer,
            merged_by=new_id(),
            merged_at=NOW,
        )
