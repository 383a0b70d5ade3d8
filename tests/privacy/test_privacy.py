"""What a person may ask about their data; the whole database is searched for what must be gone."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa

from gigcx import ids, principal
from gigcx.customers import queries as customers
from gigcx.customers import service as customer_service
from gigcx.db import commit, db, shifted
from gigcx.desk.queries.tickets import get_ticket
from gigcx.desk.service import attachments, conversation, imports, resolving
from gigcx.identity.queries import principal_of_key
from gigcx.jobs.inline import drain
from gigcx.principal import SYSTEM
from gigcx.privacy import queries, service
from gigcx.tickets.models import Message, Original, Ticket
from gigcx.tickets.service.workspace import Upload
from tests.acting import acting
from tests.caller import Caller
from tests.factories import customers as making
from tests.factories import identity
from tests.factories.desk import claim, desk, resolved, ticket

CANARY = "zanzibarquartz"
"""A word that is nowhere else."""


TABLES = sa.text("""
    SELECT relname FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND relname NOT IN ('alembic_version', 'audit_unlinked')""")


def everything() -> str:
    """Return all rows of all tables, as text in lower case."""
    with acting(SYSTEM):
        tables = db.session.scalars(TABLES).all()
        rows = [
            str(row)
            for table in tables
            for row in db.session.scalars(sa.text(f"SELECT t::text FROM {table} t"))
        ]
        return "\n".join(rows).lower()


@pytest.fixture
def told(undone):
    """A desk with a resolved ticket whose customer left a canary wherever they could."""
    at = desk()
    customer = making.customer(
        at.brand_id, external_id=CANARY, name=CANARY.title(), email=f"{CANARY}@example.org"
    )
    asked = ticket(at, customer_id=customer.user_id, subject=f"{CANARY} leaks", text=f"My {CANARY}")
    held = claim(at, asked.id)
    with acting(at.expert) as expert:
        answer = f"Turn the {CANARY} off."
        turn = {"who": expert, "ticket_id": asked.id, "fence": held.fence}
        commit(conversation.reply, text=answer, **turn)
        commit(resolving.resolve_ticket, **turn)
    with acting(customer):
        message_id = db.session.scalar(
            sa.select(Message.id).where(Message.ticket_id == asked.id).limit(1)
        )
        commit(
            attachments.attach_file,
            who=customer,
            ticket_id=asked.id,
            message_id=message_id,
            file=Upload(f"{CANARY}.txt", "text/plain", CANARY.encode()),
        )
    drain()
    return at, customer, asked


class TestACustomer:
    def test_gets_all_that_is_held_in_their_own_words(self, app, told):
        at, customer, _ = told
        owner = identity.staff(at.brand_id, "owner")
        shown = ids.shown("customer", customer.user_id)
        found = Caller(app, identity.key_of(owner)).get(f"/customers/{shown}/export")

        assert found["customer"]["email"] == f"{CANARY}@example.org"
        assert found["tickets"][0]["subject"] == f"{CANARY} leaks"
        assert found["tickets"][0]["messages"][0]["text"] == f"My {CANARY}"
        assert found["tickets"][0]["files"][0]["name"].endswith(".txt")
        json.dumps(found)

    def test_is_forgotten_everywhere_and_what_they_cost_is_not(self, app, told):
        at, customer, asked = told
        assert CANARY in everything()
        owner = identity.staff(at.brand_id, "owner")
        shown = ids.shown("customer", customer.user_id)
        Caller(app, identity.key_of(owner)).post(f"/customers/{shown}/erase", expects=202)
        drain()

        left = [
            line
            for line in everything().splitlines()
            if CANARY in line or CANARY.encode().hex() in line
        ]
        assert left == []
        with acting(SYSTEM):
            kept = get_ticket(SYSTEM, asked.id).ticket
            assert (kept.subject, kept.customer_id) == ("[erased]", customer.user_id)
            assert db.session.scalar(sa.text("SELECT count(*) FROM reservations")) == 1

    def test_waits_while_a_question_is_open(self, app, undone):
        at = desk()
        ticket(at)
        owner = identity.staff(at.brand_id, "owner")
        shown = ids.shown("customer", at.customer.user_id)
        refused = Caller(app, identity.key_of(owner)).post(f"/customers/{shown}/erase", expects=409)
        assert refused["type"] == "/problems/privacy/still-needed"

    def test_takes_with_them_whom_they_turned_out_to_be(self, told):
        at, customer, _ = told
        again = making.customer(at.brand_id, external_id=f"{CANARY}-2", name=CANARY)
        with acting(at.owner) as owner:
            commit(
                customer_service.merge_customers,
                who=owner,
                customer_id=again.user_id,
                into_id=customer.user_id,
            )
        with acting(SYSTEM):
            commit(service.erase_customer, brand_id=at.brand_id, customer_id=customer.user_id)
            commit(service.erase_customer, brand_id=at.brand_id, customer_id=customer.user_id)
            same = customers.get_customer_of(brand_id=at.brand_id, customer_id=again.user_id)
        assert (same.name, same.external_id) == ("", f"erased:{again.user_id}")


class TestAnExpert:
    def test_gets_all_that_is_held(self, undone):
        at = desk()
        resolved(at)
        with acting(at.expert) as expert:
            found = queries.export_expert(expert)
        assert found["person"]["name"] == "Alex Doe"
        assert [len(found[part]) for part in ("claims", "resolutions", "earnings")] == [1, 1, 1]
        json.dumps(found)

    def test_is_forgotten_once_nothing_is_owed(self, undone):
        at = desk()
        stays = at.another_expert(name=CANARY, email=f"{CANARY}@example.org")
        key = identity.key_of(stays)
        with acting(stays):
            commit(service.erase_expert, who=stays)
        assert CANARY not in everything()
        with acting(principal.NOBODY):
            assert commit(lambda now: principal_of_key(key, now)) is None

    def test_stays_while_money_or_tickets_are_theirs(self, undone):
        at = desk()
        resolved(at)
        with acting(at.expert) as expert, pytest.raises(service.StillNeeded, match="owed"):
            commit(service.erase_expert, who=expert)
        other = at.another_expert()
        claim(at, ticket(at).id, other)
        with acting(other), pytest.raises(service.StillNeeded, match="hold"):
            commit(service.erase_expert, who=other)


class TestRetention:
    def test_deletes_originals_a_year_after_the_end(self, told):
        _, _, asked = told
        with shifted(timedelta(days=20)):
            drain("desk.assume_confirmations")
        with acting(SYSTEM):
            state = db.session.scalar(sa.select(Ticket.state).where(Ticket.id == asked.id))
        for days, kept in ((100, True), (500, False)):
            with shifted(timedelta(days=days)):
                drain("privacy.forget_old")
            with acting(SYSTEM):
                left = db.session.scalars(sa.select(Original)).all()
            assert bool(left) == kept, state

    def test_lets_go_of_files_that_nobody_reads(self, undone):
        at = desk()
        with acting(at.owner) as owner:
            commit(
                imports.receive_file,
                who=owner,
                kind="customers",
                file_name="c.csv",
                content=BytesIO(f"id,name\n1,{CANARY}\n".encode()),
            )
        with shifted(timedelta(days=8)):
            drain("privacy.forget_old")
        with acting(SYSTEM):
            assert db.session.scalar(sa.text("SELECT count(*) FROM import_chunks")) == 0
            assert db.session.scalar(sa.text("SELECT state FROM imports")) == "failed"
