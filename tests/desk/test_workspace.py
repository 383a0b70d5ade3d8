"""What the brand's people do with a ticket besides answering it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gigcx.audit import AuditRow
from gigcx.customers import service as customer_service
from gigcx.db import commit, db, now
from gigcx.desk.queries import reveals
from gigcx.desk.queries.requests import list_requests
from gigcx.desk.queries.tickets import get_ticket, list_tickets
from gigcx.desk.service import attachments, conversation, merging, requests, resolving, tagging
from gigcx.desk.service import reveals as revealing
from gigcx.desk.service.leases import StaleFence
from gigcx.experiments import service as experiments
from gigcx.jobs.inline import drain
from gigcx.ledger import queries as ledger
from gigcx.ledger.rules import Account
from gigcx.money import Money
from gigcx.paging import Page
from gigcx.principal import SYSTEM, for_purpose
from gigcx.tickets.service import workspace
from gigcx.tickets.service.tickets import TicketNotFound
from gigcx.tickets.service.workspace import Upload
from tests.acting import acting
from tests.factories import customers
from tests.factories.desk import claim, desk, ticket

SECRET = "My card is 4111 1111 1111 1111, write to jo@example.com."


@pytest.fixture
def at(undone):
    return desk()


def view_of(who, asked):
    with acting(who):
        return get_ticket(who, asked.id)


def reveal(who, asked, purpose="contact", message_id=None):
    with acting(who), for_purpose(purpose) as reader:
        return commit(revealing.reveal_text, who=reader, ticket_id=asked.id, message_id=message_id)


class TestReveal:
    def test_shows_what_was_written_and_says_so_in_the_audit(self, at):
        asked = ticket(at, text=SECRET)
        message = view_of(at.owner, asked).messages[0]

        shown = reveal(at.owner, asked, "identify", message.id)

        assert (message.masked_text != SECRET, shown.text) == (True, SECRET)
        with acting(SYSTEM):
            noted = db.session.scalars(
                sa.select(AuditRow).where(AuditRow.action == "desk.text_revealed")
            ).one()
        assert (noted.purpose, noted.actor_id) == ("identify", at.owner.user_id)

    def test_lasts_a_quarter_of_an_hour_for_one_person(self, at):
        asked = ticket(at, text=SECRET)
        message = view_of(at.owner, asked).messages[0]
        reveal(at.owner, asked, message_id=message.id)

        def seen_by(who, at_=timedelta()):
            with acting(who), for_purpose("revealed") as reader:
                return dict(
                    reveals.revealed_to(reader, ticket_id=asked.id, now=now() + at_).items()
                )

        assert seen_by(at.owner) == {message.id: SECRET}
        assert seen_by(at.owner, timedelta(minutes=16)) == {}
        assert seen_by(at.expert) == {}

    def test_shows_nothing_without_a_purpose(self, at):
        asked = ticket(at, text=SECRET)

        with pytest.raises(revealing.NothingMasked):
            reveal(at.owner, asked, purpose="")

    def test_shows_no_message_of_another_ticket(self, at):
        asked, other = ticket(at), ticket(at, text=SECRET)
        message = view_of(at.owner, other).messages[0]

        with pytest.raises(revealing.NothingMasked):
            reveal(at.owner, asked, message_id=message.id)

    def test_shows_nothing_to_another_brand(self, at):
        with pytest.raises(TicketNotFound):
            reveal(desk().owner, ticket(at))


class TestMerging:
    def test_lets_one_thread_stand_for_both(self, at):
        asked, other = ticket(at, text="It is late."), ticket(at, text="Where is it?")
        claim(at, asked.id)

        with acting(at.owner) as owner:
            commit(merging.merge_ticket, who=owner, ticket_id=asked.id, into_id=other.id)

        with acting(at.owner):
            reserved = ledger.get_balance(
                Account.BRAND_RESERVED, owner_id=at.brand_id, currency="EUR"
            )
        assert view_of(at.owner, asked).ticket.state == "merged"
        assert [m.masked_text for m in view_of(at.owner, other).messages] == [
            "It is late.",
            "Where is it?",
        ]
        assert reserved == Money(0, "EUR")

    def test_waits_for_the_customers_word(self, at):
        asked, other = ticket(at), ticket(at)
        claim(at, asked.id)
        with acting(at.expert) as expert:
            commit(resolving.resolve_ticket, who=expert, ticket_id=asked.id, fence=1)

        with acting(at.owner) as owner, pytest.raises(merging.NotMergeable):
            commit(merging.merge_ticket, who=owner, ticket_id=asked.id, into_id=other.id)

    def test_refuses_a_ticket_and_itself_and_circles(self, at):
        asked, other = ticket(at), ticket(at)
        with acting(at.owner) as owner:
            with pytest.raises(merging.NotMergeable):
                commit(merging.merge_ticket, who=owner, ticket_id=asked.id, into_id=asked.id)
            commit(merging.merge_ticket, who=owner, ticket_id=asked.id, into_id=other.id)
            with pytest.raises(merging.NotMergeable):
                commit(merging.merge_ticket, who=owner, ticket_id=other.id, into_id=asked.id)

    def test_knows_no_ticket_of_another_brand(self, at):
        with acting(at.owner) as owner, pytest.raises(TicketNotFound):
            commit(
                merging.merge_ticket,
                who=owner,
                ticket_id=ticket(at).id,
                into_id=ticket(desk()).id,
            )


class TestCustomers:
    def test_found_to_be_one_read_their_tickets_together_until_it_is_undone(self, at):
        known = customers.customer(at.brand_id)
        asked = ticket(at)

        def tickets_of_known():
            with acting(known):
                return [one.id for one in list_tickets(known, Page(limit=5)).items]

        with acting(at.owner) as owner:
            commit(
                customer_service.merge_customers,
                who=owner,
                customer_id=asked.customer_id,
                into_id=known.user_id,
            )
        assert tickets_of_known() == [asked.id]
        with acting(at.owner) as owner:
            commit(customer_service.undo_merge, who=owner, customer_id=asked.customer_id)
        assert tickets_of_known() == []

    def test_found_to_be_one_are_drawn_as_one(self, at):
        with acting(at.owner) as owner:
            defined = commit(
                experiments.define_experiment,
                brand_id=at.brand_id,
                name="Who answers",
                expert_bps=5000,
                in_house_bps=5000,
                bot_bps=0,
            )
            commit(experiments.start_experiment, who=owner, experiment_id=defined.id)
        for _ in range(8):
            other = customers.customer(at.brand_id)
            with acting(at.owner) as owner:
                commit(
                    customer_service.merge_customers,
                    who=owner,
                    customer_id=other.user_id,
                    into_id=at.customer.user_id,
                )
            assert ticket(at, customer_id=other.user_id).route == ticket(at).route

    def test_are_merged_one_way_and_once(self, at):
        one, two = customers.customer(at.brand_id), customers.customer(at.brand_id)

        def merge(from_, into):
            with acting(at.owner) as owner:
                commit(
                    customer_service.merge_customers,
                    who=owner,
                    customer_id=from_.user_id,
                    into_id=into.user_id,
                )

        with pytest.raises(customer_service.NotMergeable):
            merge(one, one)
        merge(one, two)
        for from_, into in ((one, at.customer), (two, at.customer), (at.customer, one)):
            with pytest.raises(customer_service.NotMergeable):
                merge(from_, into)


class TestRequests:
    def ask(self, at, asked, fence=1):
        with acting(at.expert) as expert:
            return commit(
                requests.request_action,
                who=expert,
                ticket_id=asked.id,
                fence=fence,
                kind=requests.RequestKind.REFUND,
                detail="Refund the order of jo@example.com, please.",
            )

    def test_are_seen_by_both_and_leave_the_claim(self, at):
        asked = ticket(at)
        claim(at, asked.id)

        request = self.ask(at, asked)
        with acting(at.owner) as owner:
            waiting = list_requests(owner, Page(limit=5), is_open=True).items
            commit(
                requests.answer_request,
                who=owner,
                request_id=request.id,
                is_done=True,
                answer="Refunded today.",
            )

        with acting(at.expert) as expert:
            seen = list_requests(expert, Page(limit=5)).items
        assert [one.id for one in waiting] == [one.id for one in seen]
        assert (seen[0].state, seen[0].answer) == ("done", "Refunded today.")
        assert "jo@example.com" not in seen[0].detail
        assert view_of(at.expert, asked).claim.fence == 1

    def test_are_answered_once(self, at):
        asked = ticket(at)
        claim(at, asked.id)
        request = self.ask(at, asked)
        answer = {"request_id": request.id, "is_done": False, "answer": "No."}

        with acting(at.owner) as owner:
            commit(requests.answer_request, who=owner, **answer)
            with pytest.raises(requests.RequestAnswered):
                commit(requests.answer_request, who=owner, **answer)
        with acting(desk().owner) as stranger, pytest.raises(requests.RequestNotFound):
            commit(requests.answer_request, who=stranger, **answer)

    def test_come_from_who_holds_the_ticket(self, at):
        asked = ticket(at)
        claim(at, asked.id)

        with pytest.raises(StaleFence):
            self.ask(at, asked, fence=2)


class TestTags:
    def test_find_a_ticket_again(self, at):
        asked = ticket(at)
        with acting(at.owner) as owner:
            kept = commit(
                tagging.tag_ticket, who=owner, ticket_id=asked.id, tags=["Recall", "recall", " x9 "]
            )
        drain()

        with acting(at.owner) as owner:
            found = list_tickets(owner, Page(limit=5), q="recall").items
        assert (kept, [one.id for one in found]) == (["recall", "x9"], [asked.id])

    @pytest.mark.parametrize("tag", ["two words", "-dash", "a" * 41, "<b>"])
    def test_are_words(self, at, tag):
        with acting(at.owner) as owner, pytest.raises(workspace.TagNotAWord):
            commit(tagging.tag_ticket, who=owner, ticket_id=ticket(at).id, tags=[tag])


class TestCannedAnswers:
    def test_are_kept_changed_and_forgotten(self, at):
        with acting(at.owner):
            kept = commit(
                workspace.save_canned_answer, brand_id=at.brand_id, title="Hello", answer="Hi"
            )
            with pytest.raises(workspace.TitleTaken):
                commit(
                    workspace.save_canned_answer, brand_id=at.brand_id, title="Hello", answer="Ho"
                )
            changed = commit(
                workspace.save_canned_answer,
                brand_id=at.brand_id,
                canned_answer_id=kept.id,
                title="Hello",
                answer="Good day",
            )
            commit(workspace.delete_canned_answer, brand_id=at.brand_id, canned_answer_id=kept.id)
            with pytest.raises(workspace.CannedAnswerNotFound):
                commit(
                    workspace.delete_canned_answer, brand_id=at.brand_id, canned_answer_id=kept.id
                )
        assert changed.answer == "Good day"


class TestFiles:
    def test_come_with_a_customers_message(self, at):
        asked = ticket(at)
        with acting(at.customer) as customer:
            commit(
                conversation.reply,
                who=customer,
                ticket_id=asked.id,
                text="See here",
                files=[Upload("a.txt", "text/plain", b"Hello")],
            )

        assert [e.kind for e in view_of(at.owner, asked).events] == []

    @pytest.mark.parametrize(
        "upload",
        [
            Upload("a.png", "image/png", b"<script>"),
            Upload("a.exe", "application/x-msdownload", b"MZ"),
            Upload("a.txt", "text/plain", b""),
            Upload("a.txt", "text/plain", b"a\x00b"),
            Upload("a.txt", "text/plain", b"a" * (10 * 1024 * 1024 + 1)),
            Upload("a.html", "text/html", b"<p>"),
        ],
    )
    def test_of_another_kind_are_refused(self, at, upload):
        asked = ticket(at)
        claim(at, asked.id)
        with acting(at.expert) as expert:
            written = commit(
                conversation.reply, who=expert, ticket_id=asked.id, text="See here", fence=1
            )
            with pytest.raises(workspace.FileNotTaken):
                commit(
                    attachments.attach_file,
                    who=expert,
                    ticket_id=asked.id,
                    message_id=written.id,
                    file=upload,
                )
