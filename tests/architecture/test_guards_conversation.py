"""What the database refuses in mails, files, tags, requests, clocks and reveals, by name."""

import pytest
import sqlalchemy as sa

from gigcx.ids import new_id
from tests.rows import LATER, NOW, SHA, as_role, insert, refused, update


def add_of(table, **facts):
    """Return a work that adds a row whose facts may be replaced."""

    def add(desk, values):
        of = {"ticket_id": desk.ticket} if "ticket_id" in facts else {}
        of |= {"customer_id": desk.customer} if table == "contacts" else {}
        desk.add(table, **facts | of | values)

    return add


REVEAL = add_of(
    "reveals",
    ticket_id=None,
    original_id=new_id(),
    field="text",
    user_id=new_id(),
    purpose="legal",
    revealed_at=NOW,
    until=LATER,
)
MAIL = add_of("mails", direction="in", kind="message", name="<b@b>", at=NOW)
CLOCK = add_of(
    "clock_events",
    ticket_id=None,
    clock="next_reply",
    kind="started",
    spent_minutes=0,
    due_at=LATER,
    at=NOW,
)
CONTACT = add_of(
    "contacts", external_id="told-2", resolver="bot", status="solved", contacted_at=NOW
)
ANSWER = add_of("canned_answers", title="Bye", answer="Bye", saved_at=NOW)


@pytest.mark.parametrize(
    ("name", "add", "values"),
    [
        ("reveal_has_purpose", REVEAL, {"purpose": ""}),
        ("reveal_ends", REVEAL, {"until": NOW}),
        ("mail_direction_is_known", MAIL, {"direction": "up"}),
        ("mail_kind_is_known", MAIL, {"kind": "spam"}),
        ("mail_has_name", MAIL, {"name": ""}),
        ("mail_name_is_new", MAIL, {"name": "<a@b>"}),
        ("clock_is_known", CLOCK, {"clock": "cuckoo"}),
        ("clock_event_is_known", CLOCK, {"kind": "wound"}),
        ("clock_spends_no_less_than_nothing", CLOCK, {"spent_minutes": -1}),
        ("clock_that_runs_is_due", CLOCK, {"due_at": None}),
        ("canned_answer_has_title", ANSWER, {"title": ""}),
        ("canned_answer_has_answer", ANSWER, {"answer": ""}),
        ("canned_answer_title_is_new", ANSWER, {"title": "Hello"}),
        ("contact_has_external_id", CONTACT, {"external_id": ""}),
        ("contact_resolver_is_known", CONTACT, {"resolver": "oracle"}),
        ("contact_status_is_known", CONTACT, {"status": "open"}),
        ("contact_rating_is_one_to_five", CONTACT, {"rating": 6}),
        ("contact_cost_is_not_negative", CONTACT, {"cost_minor": -1, "currency": "EUR"}),
        ("contact_cost_has_currency", CONTACT, {"cost_minor": 1}),
        ("contact_is_new", CONTACT, {"external_id": "told-1"}),
    ],
)
def test_a_record_is_whole(connection, desk, name, add, values):
    with refused(connection, name):
        add(desk, values)


class TestTags:
    @pytest.mark.parametrize("tag", ["", "two words", "-x", "a" * 41])
    def test_are_words(self, connection, desk, tag):
        of = {"brand_id": desk.brand, "ticket_id": desk.ticket}
        with refused(connection, "tag_is_a_word"):
            insert(connection, "tags", tag=tag, **of)


class TestRequests:
    def test_ask_for_something_known(self, connection, desk):
        with refused(connection, "action_request_kind_is_known"):
            desk.add(
                "action_requests",
                ticket_id=desk.ticket,
                claim_id=desk.claim,
                kind="magic",
                detail="Please",
                requested_by=desk.people.expert,
                requested_at=NOW,
            )

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("action_request_answered_by_somebody", {"state": "done"}),
            ("action_request_moves_along_its_map", {"state": "lost"}),
            ("column_is_frozen", {"kind": "unlock"}),
        ],
    )
    def test_are_answered_by_somebody(self, connection, desk, name, values):
        with refused(connection, name):
            update(connection, "action_requests", desk.request, **values)


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("file_hash_is_sha256", {"sha256": b"1"}),
            ("file_is_not_too_large", {"content": b""}),
        ],
    )
    def test_are_named_by_their_bytes(self, connection, desk, name, values):
        facts = {"brand_id": desk.brand, "sha256": b"2" * 32, "content": b"b"}
        with refused(connection, name):
            insert(connection, "files", **facts | values)

    def test_attached_have_a_name(self, connection, desk):
        with refused(connection, "attachment_has_name"):
            desk.add(
                "attachments",
                ticket_id=desk.ticket,
                message_id=desk.message,
                name="",
                type="text/plain",
                size_bytes=1,
                sha256=SHA,
                added_at=NOW,
            )


class TestCustomers:
    def test_are_merged_into_another(self, connection, desk):
        with refused(connection, "customer_merges_into_another"):
            update(connection, "customers", desk.customer, merged_into_id=desk.customer)

    @pytest.mark.parametrize(
        ("name", "is_same"), [("merge_is_of_two", True), ("merge_one_live", False)]
    )
    def test_are_merged_once(self, connection, desk, name, is_same):
        merged = connection.scalar(
            sa.text("SELECT from_id FROM customer_merges WHERE brand_id = :b"), {"b": desk.brand}
        )
        with refused(connection, name):
            desk.add(
                "customer_merges",
                from_id=merged,
                into_id=merged if is_same else desk.customer,
                merged_by=new_id(),
                merged_at=NOW,
            )


class TestQueues:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("queue_resolves_within_hours", {"resolution_hours": 0}),
            ("queue_works_some_day", {"work_days": []}),
            ("queue_in_house_cost_is_not_negative", {"in_house_cost_minor": -1}),
            ("queue_opens_before_it_closes", {"opens_minute": 600, "closes_minute": 600}),
        ],
    )
    def test_have_hours(self, connection, desk, name, values):
        with refused(connection, name):
            update(connection, "queues", desk.queue, **values)


class TestOriginals:
    def test_are_shown_to_nobody_without_a_purpose(self, connection, desk):
        count = sa.text("SELECT count(*) FROM originals")
        with as_role(connection, "web", brands=[desk.brand]):
            assert connection.scalar(count) == 0
        with as_role(connection, "web", brands=[desk.brand], purpose="contact"):
            assert connection.scalar(count) == 1

    @pytest.mark.parametrize("table", ["reveals", "mails", "clock_events"])
    def test_and_logs_are_never_changed(self, connection, desk, table):
        with refused(connection, "42501"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


class TestResolutions:
    def test_cost_nothing_at_least(self, connection, desk):
        with refused(connection, "resolution_cost_is_not_negative"):
            update(connection, "resolutions", desk.resolution, cost_minor=-1)


class TestErasedCustomers:
    def test_have_no_address(self, connection, desk):
        with refused(connection, "customer_erased_has_no_address"):
            desk.add("customers", external_id="c-3", email="a@b.c", created_at=NOW, erased_at=NOW)
