"""Imports: what the world sends becomes tickets, and what cannot is told line by line."""

import json
from contextlib import suppress
from io import BytesIO

import pytest

from gigcx import principal
from gigcx.catalog import queries as catalog
from gigcx.customers import queries as customers
from gigcx.db import commit, now
from gigcx.desk.queries import imports as queries
from gigcx.desk.queries.feed import list_feed
from gigcx.desk.queries.tickets import list_tickets
from gigcx.desk.service import claims, imports
from gigcx.paging import Page
from gigcx.tickets import queries as queues
from gigcx.tickets.service import queues as queue_service
from tests.acting import acting
from tests.factories import catalog as certificates
from tests.factories import experts, identity
from tests.factories.funding import fund
from tests.factories.identity import owner_of
from tests.factories.rewards import TEN_EUROS, reward
from tests.story.lines import REAL, queue_lines


def line(**fields):
    return json.dumps({"id": "1", "text": "It clicks.", "product": "Aurelia"} | fields).encode()


def run(brand_id, content, **options):
    """Import a file to its end and return it with its refusals by line."""
    owner = owner_of(brand_id)
    values = {"kind": "tickets", "file_name": "questions.jsonl"} | options
    with acting(owner):
        started = commit(imports.start_import, who=owner, content=BytesIO(content), **values)
        done = started
        while done.finished_at is None:
            done = commit(imports.read_batch, brand_id=brand_id, import_id=started.id)
        found = queries.list_refusals(owner, started.id, Page(limit=100)).items
    return done, {refusal.line_number: (refusal.field, refusal.reason) for refusal in found}


@pytest.mark.usefixtures("undone")
class TestAFile:
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "empty"),
            (b" \n\n", "empty"),
            (b"GIF87a\x01\x00\x01\x00", "no text"),
            (b'"' + b"x" * 140_000, "no header"),
            (b"words,product\nIt clicks,Aurelia\n", "no column id, text"),
        ],
    )
    def test_that_cannot_be_read_is_refused_whole(self, content, says):
        owner = owner_of(identity.brand().id)

        with acting(owner), pytest.raises(imports.FileNotUsable, match=says):
            commit(
                imports.start_import,
                who=owner,
                kind="tickets",
                file_name="f.csv",
                content=BytesIO(content),
            )

    def test_goes_on_past_lines_that_cannot_be_taken(self):
        brand = identity.brand()
        lines = [
            line(id="1"),
            b"\xff\xfe broken",
            b'{"id": "2", "text": "' + b"x" * 10_000_000 + b'"}',
            line(id="3", text=""),
            b"[1, 2]",
            line(id="4", time="yesterday"),
            line(id="1", text="Again"),
            line(id="5\\u0000"),
            line(id="6"),
        ]

        done, refused = run(brand.id, b"\n".join(lines))

        assert (done.accepted, done.known, done.refused) == (2, 1, 6)
        assert refused == {
            2: ("", "Not UTF-8 at byte 1 of the line."),
            3: ("", "The line is longer than 256 kB."),
            4: ("text", "The field text is missing."),
            5: ("", "The line is not a JSON object."),
            6: ("time", "The field time is no time like 2026-11-24T12:00:00Z."),
            8: ("", "The line holds a NUL character."),
        }

    def test_reads_csv_with_line_breaks_in_quotes(self):
        brand = identity.brand()
        content = (
            b'id,text,product\n1,"First\nsecond, with ""quotes""",Aurelia\n2,Short\n3,Ok,Duo\n'
        )

        done, refused = run(brand.id, content)

        assert (done.accepted, done.refused) == (2, 1)
        assert refused == {2: ("", "The line has 2 values for 3 columns.")}

    def test_refuses_unknown_products_where_the_catalogue_is_fixed(self):
        brand = identity.brand()
        certificates.topic(brand.id, "Aurelia")

        done, refused = run(
            brand.id,
            line(id="1") + b"\n" + line(id="2", product="Toaster"),
            options={"is_catalog_fixed": True},
        )

        assert done.accepted == 1
        assert refused[2][0] == "product"

    def test_given_again_makes_nothing_twice(self):
        brand = identity.brand()
        run(brand.id, queue_lines(5))

        done, _ = run(brand.id, queue_lines(5))

        assert (done.accepted, done.known) == (0, 5)

    def test_of_orders_needs_its_customers_and_whole_amounts(self):
        brand = identity.brand()
        run(brand.id, b"id,name\nc1,Jo\n", kind="customers", file_name="c.csv")
        orders = (
            b"id,customer,amount_minor,currency,time\no1,c1,1250,EUR,2026-01-02\n"
            b"o2,c9,1250,EUR,2026-01-02\no3,c1,-5,EUR,2026-01-02\no4,c1,5,euro,2026-01-02\n"
        )

        done, refused = run(brand.id, orders, kind="orders", file_name="o.csv")

        assert done.accepted == 1
        assert [refused[n][0] for n in (2, 3, 4)] == ["customer", "amount_minor", "currency"]


ZENDESK = {
    "id": 35436,
    "subject": "The pump hums",
    "description": "It hums but nothing comes out. Write to jo@mail.example.",
    "created_at": "2026-10-01T09:14:00Z",
    "status": "open",
    "requester_id": 20978392,
    "requester": {"id": 20978392, "name": "Jo Miller", "email": "jo@mail.example"},
    "tags": ["pump"],
    "via": {"channel": "web"},
}


@pytest.mark.usefixtures("undone")
class TestColumns:
    def test_of_zendesks_export_are_understood(self):
        brand = identity.brand()
        lines = [ZENDESK, ZENDESK | {"id": 35437, "status": "closed"}]

        done, refused = run(brand.id, "\n".join(map(json.dumps, lines)).encode())

        owner = owner_of(brand.id)
        with acting(owner):
            (ticket,) = list_tickets(owner, Page(limit=10)).items
            customer = customers.get_customer_of(brand_id=brand.id, customer_id=ticket.customer_id)
        assert (done.accepted, refused[2][0]) == (1, "status")
        assert (ticket.subject, ticket.external_id) == ("The pump hums", "35436")
        assert (customer.name, customer.email) == ("Jo Miller", "jo@mail.example")

    def test_are_named_by_whoever_knows_them(self):
        brand = identity.brand()
        content = b"nr,what they said\n1,It clicks.\n"

        done, _ = run(brand.id, content, mapping={"id": "nr", "text": "what they said"})

        assert done.accepted == 1

    def test_that_are_not_there_are_told(self):
        owner = owner_of(identity.brand().id)

        with acting(owner), pytest.raises(imports.FileNotUsable, match="no column words"):
            commit(
                imports.start_import,
                who=owner,
                kind="tickets",
                file_name="f.csv",
                content=BytesIO(b"id,text\n1,Hi\n"),
                mapping={"text": "words"},
            )

    def test_are_shown_before_anything_is_read(self):
        owner = owner_of(identity.brand().id)
        with acting(owner):
            stored = commit(
                imports.receive_file,
                who=owner,
                kind="tickets",
                file_name="f.csv",
                content=BytesIO(b"Ticket ID,Subject,Notes\n7,Pump,It hums\n"),
            )
            preview = imports.preview_import(owner, stored.id)
            seen = list_tickets(owner, Page(limit=10)).items

        assert preview.mapping == {"id": "ticket id", "title": "subject"}
        assert preview.samples == [{"id": "7", "title": "Pump"}]
        assert (preview.missing, list(seen)) == (["text"], [])


@pytest.mark.usefixtures("undone")
class TestContacts:
    def test_tell_who_answered_elsewhere_and_at_what_cost(self):
        brand = identity.brand()
        run(brand.id, b"id,name\nc1,Jo\n", kind="customers", file_name="c.csv")
        content = (
            b"id,customer,time,resolver,status,rating,cost_minor,currency\n"
            b"k1,c1,2026-01-02,in-house,solved,4,450,EUR\n"
            b"k2,c1,2026-01-02,oracle,solved,,,\n"
            b"k3,c1,2026-01-02,bot,abandoned,9,,\n"
            b"k4,c1,2026-01-02,bot,abandoned,,12,\n"
            b"k5,c9,2026-01-02,bot,abandoned,,,\n"
            b"k1,c1,2026-01-02,other,solved,,,\n"
        )

        done, refused = run(brand.id, content, kind="contacts", file_name="k.csv")

        assert (done.accepted, done.known) == (1, 1)
        assert [refused[n][0] for n in (2, 3, 4, 5)] == [
            "resolver",
            "rating",
            "currency",
            "customer",
        ]


class TestAnImport:
    def test_that_is_killed_anywhere_makes_nothing_twice_and_loses_nothing(
        self, committing, monkeypatch
    ):
        monkeypatch.setattr(imports, "BATCH", 7)
        brand = identity.brand()
        owner = owner_of(brand.id)
        lines = b"\n".join(line(id=str(n), text=f"It clicks {n}.") for n in range(50))
        with acting(owner):
            started = commit(
                imports.start_import,
                who=owner,
                kind="tickets",
                file_name="q.jsonl",
                content=BytesIO(lines),
            )
            for n in range(40):
                with suppress(KeyboardInterrupt):
                    self.read_and_die(brand.id, started.id, dies=n % 2 == 0)
            done = queries.get_import(owner, started.id)
            tickets = list_tickets(owner, Page(limit=100)).items

        assert (done.state, done.accepted, done.known) == ("finished", 50, 0)
        assert len({ticket.external_id for ticket in tickets}) == len(tickets) == 50

    def read_and_die(self, brand_id, import_id, *, dies):
        def work(now):
            imports.read_batch(now, brand_id=brand_id, import_id=import_id)
            if dies:
                raise KeyboardInterrupt

        commit(work)


@pytest.mark.usefixtures("undone")
class TestTheRealQueue:
    def test_becomes_tickets_that_certified_experts_can_claim(self):
        brand = identity.brand()
        count = 400 if REAL.exists() else 20
        done, refused = run(brand.id, queue_lines(count), file_name="support_queue.jsonl")
        owner = owner_of(brand.id)
        with acting(owner):
            queue = queues.find_queue_by_name(brand_id=brand.id, name="support_queue")
            topics = queries.certified_experts(brand.id)
            products = [topic for topic, depth in catalog.tree_of(owner) if depth == 0]
        expert = experts.expert(brand.id)
        certificates.certify_for_all(brand.id, [expert])
        reward(brand.id, queue.id, TEN_EUROS)
        fund(brand.id)
        with acting(owner):
            commit(queue_service.open_queue, brand_id=brand.id, queue_id=queue.id)

        with acting(expert):
            feed = list_feed(expert, now=now(), limit=10)
            claimed = commit(claims.claim_next, who=principal.current())

        assert (done.accepted, refused) == (count, {})
        assert sum(waiting for _, waiting, _ in topics) == count
        assert {certified for _, _, certified in topics} == {0}
        assert products
        assert claimed.ticket_id == feed[0].ticket_id
