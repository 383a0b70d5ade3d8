"""A conversation by mail is one thread, whatever else comes between."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from gigcx.channels import queries as channels
from gigcx.customers import queries as customers
from gigcx.db import commit
from gigcx.desk.queries.attachments import attachments_of
from gigcx.desk.queries.tickets import get_ticket, list_tickets
from gigcx.desk.service import conversation, merging, resolving
from gigcx.gateways.inbound_mail import read_mail
from gigcx.http import links
from gigcx.jobs.inline import drain
from gigcx.paging import Page
from gigcx.principal import SYSTEM
from tests.acting import acting
from tests.factories import customers as people
from tests.factories.desk import claim, desk, ticket

JO = "jo.miller@example.com"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def at(committing):
    return desk()


@pytest.fixture
def asked(at):
    customer = people.customer(at.brand_id, email=JO)
    return ticket(at, customer_id=customer.user_id)


def reply(at, asked, text, fence=1):
    with acting(at.expert) as expert:
        commit(conversation.reply, who=expert, ticket_id=asked.id, text=text, fence=fence)
    drain()


def view_of(at, asked):
    with acting(at.owner) as owner:
        return get_ticket(owner, asked.id)


def texts_of(at, asked):
    return [one.masked_text for one in view_of(at, asked).messages]


def kinds_of(at, asked):
    with acting(SYSTEM):
        mails = channels.list_mails(brand_id=at.brand_id, ticket_id=asked.id)
        return [(mail.direction, mail.kind) for mail in mails]


def mail(to, *, text="Hello", sender=JO, subject="A question", **headers):
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = sender, to, subject
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    written.set_content(text)
    return written


class TestAConversation:
    def test_of_five_messages_with_a_bounce_and_an_absence_note_is_one_thread(self, at, asked, box):
        claim(at, asked.id)
        reply(at, asked, "Which version do you have?")
        box.answer(1, how="away", text="")
        box.answer(1, how="answer", text="Version 3.")
        reply(at, asked, "Then hold the button for ten seconds.")
        box.answer(2, how="bounce", text="")
        box.answer(2, how="answer", text="Thank you, it works.")

        with acting(at.owner) as owner:
            tickets = list_tickets(owner, Page(limit=10)).items
        assert [one.id for one in tickets] == [asked.id]
        assert texts_of(at, asked) == [
            "I ordered two weeks ago.",
            "Which version do you have?",
            "Version 3.",
            "Then hold the button for ten seconds.",
            "Thank you, it works.",
        ]
        assert kinds_of(at, asked) == [
            ("out", "message"),
            ("in", "auto_reply"),
            ("in", "message"),
            ("out", "message"),
            ("in", "bounce"),
            ("in", "message"),
        ]

    def test_names_its_earlier_mails(self, at, asked, box):
        claim(at, asked.id)
        reply(at, asked, "Which version do you have?")
        box.answer(1, how="answer", text="Version 3.")
        reply(at, asked, "Then hold the button.")

        sent = read_mail(box.raw(2))
        with acting(SYSTEM):
            named = channels.thread_of(brand_id=at.brand_id, ticket_id=asked.id)
        assert set(sent.answers) == set(named[:2])

    def test_wakes_the_expert_who_answers_in_it(self, at, asked, box):
        claim(at, asked.id)
        reply(at, asked, "Which version do you have?")
        assert view_of(at, asked).ticket.state == "waiting_on_customer"

        box.answer(1, how="away", text="")
        assert view_of(at, asked).ticket.state == "waiting_on_customer"
        box.answer(1, how="answer", text="Version 3.")
        assert view_of(at, asked).ticket.state == "claimed"

    def test_opens_a_resolved_ticket_again(self, at, asked, box):
        claim(at, asked.id)
        reply(at, asked, "Which version do you have?")
        with acting(at.expert) as expert:
            commit(resolving.resolve_ticket, who=expert, ticket_id=asked.id, fence=1)

        box.answer(1, how="answer", text="That did not help.")

        assert view_of(at, asked).ticket.state == "open"

    def test_goes_on_in_the_ticket_that_it_was_merged_into(self, at, asked, box):
        other = ticket(at, customer_id=asked.customer_id)
        claim(at, asked.id)
        reply(at, asked, "Which version do you have?")
        with acting(at.owner) as owner:
            commit(merging.merge_ticket, who=owner, ticket_id=asked.id, into_id=other.id)

        box.answer(1, how="answer", text="Version 3.")

        assert texts_of(at, other)[-1] == "Version 3."

    def test_stops_when_the_address_bounces_and_goes_on_when_they_write(self, at, asked, box):
        claim(at, asked.id)
        reply(at, asked, "Which version do you have?")
        box.answer(1, how="bounce", text="")
        reply(at, asked, "Are you there?")
        assert len(box.latest()) == 1

        box.answer(1, how="answer", text="Here I am.")
        reply(at, asked, "Good.")

        assert len(box.latest()) == 2
        with acting(at.owner):
            customer = customers.get_customer_of(
                brand_id=at.brand_id, customer_id=asked.customer_id
            )
        assert customer.mail_bounced_at is None


class TestAMail:
    def test_is_taken_once(self, at, asked, box):
        to = address(asked)
        raw = mail(to, text="Once", Message_ID="<one@example.com>").as_bytes()

        box.take(raw)
        box.take(raw.replace(b"Once", b"Once more"))

        assert texts_of(at, asked)[1:] == ["Once"]

    def test_finds_its_thread_by_what_it_answers_if_it_is_the_customers(self, at, asked, box):
        claim(at, asked.id)
        reply(at, asked, "Which version do you have?")
        first = message_from_bytes(box.raw(1), policy=policy.default)
        queue = queue_address(at)

        answers = {"In_Reply_To": first["Message-ID"]}
        box.take(mail(queue, text="From me", **answers).as_bytes())
        box.take(mail(queue, text="From a stranger", sender="x@evil.test", **answers).as_bytes())

        assert texts_of(at, asked)[-1] == "From me"
        with acting(at.owner) as owner:
            assert len(list_tickets(owner, Page(limit=10)).items) == 2

    def test_to_a_queue_is_a_new_question(self, at, box):
        box.take(mail(queue_address(at), subject="Help", text="It smells odd.").as_bytes())
        box.take(mail(queue_address(at), subject="More", text="Still odd.").as_bytes())

        with acting(at.owner) as owner:
            found = list_tickets(owner, Page(limit=10)).items
        assert [one.subject for one in found] == ["More", "Help"]
        assert len({one.customer_id for one in found}) == 1

    def test_of_a_program_asks_nothing(self, at, box):
        box.take(mail(queue_address(at), Auto_Submitted="auto-generated").as_bytes())
        box.take(mail(queue_address(at), sender="no-reply@gigcx.example").as_bytes())

        with acting(at.owner) as owner:
            assert list_tickets(owner, Page(limit=10)).items == []

    def test_of_a_loop_ends_in_the_log(self, at, asked, box):
        for n in range(25):
            box.take(mail(address(asked), text=f"Ping {n}").as_bytes())

        kinds = [kind for _, kind in kinds_of(at, asked)]
        assert (kinds.count("message"), kinds.count("loop")) == (20, 5)

    def test_brings_its_pictures_and_leaves_its_programs(self, at, asked, box):
        written = mail(address(asked), text="See the picture.")
        written.add_attachment(PNG, maintype="image", subtype="png", filename="a/b.png")
        written.add_attachment(b"MZ", maintype="application", subtype="x-msdownload", filename="x")

        box.take(written.as_bytes())

        view = view_of(at, asked)
        with acting(at.owner):
            files = [one for kept in attachments_of(view.ticket).values() for one in kept]
        assert [(one.name, one.type) for one in files] == [("a b.png", "image/png")]
        assert [one.kind for one in view.events if one.kind == "file_refused"] == ["file_refused"]

    def test_of_a_forger_is_refused(self, app, at, asked):
        answer = app.test_client().post(
            "/api/v1/webhooks/mail",
            data=mail(address(asked)).as_bytes(),
            headers={"X-GigCX-Signature": "t=1,v1=00"},
        )

        assert answer.status_code == 400

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\x00\xff\xfe",
            b"Subject: =?utf-9?q?=FF?=\n\n\xff",
            b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: image/png\n\n",
            b"From: \x80@\n\n" + b"a" * 200_000,
            b"Content-Type: text/html; charset=nonsense\n\n<p>Hi</p>",
        ],
    )
    def test_of_any_bytes_is_read(self, raw):
        assert read_mail(raw).name

    def test_in_html_is_read_as_text(self):
        written = EmailMessage()
        written.set_content("<style>p{}</style><p>Hello</p><p>It&nbsp;works</p>", subtype="html")

        assert read_mail(written.as_bytes()).text.split() == ["Hello", "It", "works"]


def address(asked):
    return links.reply_address(asked.id, sender="GigCX <no-reply@gigcx.example>")


def queue_address(at):
    return links.queue_address(at.queue_id, sender="GigCX <no-reply@gigcx.example>")
