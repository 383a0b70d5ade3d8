"""The main job, told once through the API alone: every step is a request with somebody's key."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from gigcx import ids
from gigcx.db import shifted
from gigcx.desk.queries.tickets import get_ticket
from gigcx.http import links
from gigcx.jobs.inline import drain
from gigcx.ledger import queries as ledger
from gigcx.principal import SYSTEM
from tests.acting import acting, race
from tests.caller import Caller
from tests.factories import identity
from tests.story.lines import queue_lines

SECRET = pyotp.random_base32()
LATER = timedelta(days=8)
TICKETS = 4
EXPERTS = 8
REWARD = {"amount_minor": 200, "currency": "EUR"}


@pytest.fixture
def brand(committing):
    """A brand with nothing but a name."""
    return identity.brand()


@pytest.fixture
def owner(app, brand):
    """The program of the brand's owner."""
    return Caller(app, identity.key_of(identity.staff(brand.id, "owner")))


@pytest.fixture
def finance(app, brand):
    """The programs of two people of finance."""
    people = [identity.finance(totp_secret=SECRET) for _ in range(2)]
    return [Caller(app, identity.key_of(who)) for who in people]


def code_now() -> str:
    """Return the one-time code of the day on which everybody is paid."""
    return pyotp.TOTP(SECRET).at(datetime.now(UTC) + LATER)


class TestTheMainJobByApi:
    def test_leads_from_a_queue_line_to_a_paid_expert(self, app, brand, owner, finance, stripe):
        stripe.deliver = lambda payload, signed: self.deliver(app, payload, signed)
        self.fund(owner, stripe)
        queue = self.post_the_queue(owner)
        self.import_the_lines(app, owner, queue)
        experts = self.let_experts_in(app, owner)
        tickets = [one["id"] for one in owner.get("/tickets?state=open")["data"]]

        winners = [self.race_for(ticket, experts) for ticket in tickets]
        for ticket, (expert, claim) in zip(tickets, winners, strict=True):
            self.answer_and_resolve(app, brand, ticket, expert, claim)
        with shifted(LATER):
            drain("earnings.release_due")
            self.pay({id(e): e for e, _ in winners}.values(), finance, stripe)

        with acting(SYSTEM):
            assert ledger.audit() == []

    def deliver(self, app, payload, signed):
        answer = app.test_client().post(
            "/api/v1/webhooks/stripe", data=payload, headers={"Stripe-Signature": signed}
        )
        assert answer.status_code == 200, answer.text
        forged = app.test_client().post(
            "/api/v1/webhooks/stripe", data=payload + b" ", headers={"Stripe-Signature": signed}
        )
        assert forged.status_code == 400

    def fund(self, owner, stripe):
        paid_in = owner.post(
            "/funding", {"amount": {"amount_minor": 1_000_00, "currency": "EUR"}}, expects=202
        )
        drain()
        stripe.pay_checkout(ids.parse("funding", paid_in["id"]))
        drain()
        assert owner.get(f"/funding/{paid_in['id']}")["state"] == "succeeded"

    def post_the_queue(self, owner):
        queue = owner.post(
            "/queues", {"name": "Owners help owners", "currency": "EUR"}, expects=201
        )["id"]
        owner.post("/rewards", {"queue_id": queue, "amount": REWARD}, expects=201)
        assert owner.post(f"/queues/{queue}/open")["state"] == "open"
        return queue

    def import_the_lines(self, app, owner, queue):
        started = owner.ask(
            "POST",
            f"/tickets/import?queue={queue}",
            data=queue_lines(TICKETS),
            content_type="application/x-ndjson",
            expects=202,
        )
        drain()
        done = owner.get(f"/imports/{started['id']}")
        assert (done["state"], done["accepted"]) == ("finished", TICKETS)

    def let_experts_in(self, app, owner):
        topics = [one for one in owner.get("/topics")["data"] if one["parent_id"] is None]
        callers = []
        for n in range(EXPERTS):
            body = {"email": f"e{n}@mail.example", "name": f"Expert {n}"}
            expert = owner.post("/experts", body, expects=201)["id"]
            for topic in topics:
                body = {"expert_id": expert, "topic_id": topic["id"], "score_bps": 9000}
                owner.post("/certificates", body, expects=201)
            who = identity.expert_of(ids.parse("expert", expert))
            callers.append(Caller(app, identity.key_of(who)))
        return callers

    def race_for(self, ticket, experts):
        def claim(n):
            shown = {one["ticket_id"]: one for one in experts[n].get("/feed?limit=50")["data"]}
            seen = shown.get(ticket, {"reward": REWARD})["reward"]
            return experts[n].try_to("POST", f"/tickets/{ticket}/claim", json={"reward": seen})

        answers = race(EXPERTS, claim)
        assert not [one for one in answers if isinstance(one, Exception)], answers
        assert Counter(status for status, _ in answers) == {201: 1, 409: EXPERTS - 1}
        n = [status for status, _ in answers].index(201)
        return experts[n], answers[n][1]

    def answer_and_resolve(self, app, brand, ticket, expert, claim):
        fence = claim["fence"]
        expert.post(
            f"/tickets/{ticket}/messages",
            {"text": "Which version do you have?", "fence": fence},
            expects=201,
        )
        expert.post(f"/tickets/{ticket}/resolve", {"fence": fence}, expects=201)
        refused = expert.post(
            f"/tickets/{ticket}/messages", {"text": "More", "fence": fence}, expects=409
        )
        assert refused["type"] == "/problems/desk/stale-fence"
        ticket_id = ids.parse("ticket", ticket)
        with acting(SYSTEM), app.app_context():
            asked = get_ticket(SYSTEM, ticket_id).ticket
            token = links.sign(
                brand_id=brand.id, ticket_id=ticket_id, customer_id=asked.customer_id
            )
        anybody = app.test_client()
        confirmed = anybody.post(f"/api/v1/tickets/{ticket}/confirm", json={"token": token})
        assert confirmed.status_code == 200, confirmed.text
        rated = anybody.post(f"/api/v1/ratings/{token}", json={"stars": 5, "comment": "Thanks"})
        assert rated.status_code in {201, 204}, rated.text

    def pay(self, earners, finance, stripe):
        for expert in earners:
            assert expert.get("/statement")["available"]
            expert.post("/payout-account", {"country": "DE"}, expects=202)
        drain()
        stripe.complete_onboarding()
        drain()
        reviewer, approver = finance
        run = reviewer.post("/payout-runs", expects=201)["id"]
        submitted = reviewer.post(f"/payout-runs/{run}/submit")
        content = {"content_sha256": submitted["content_sha256"], "code": code_now()}
        same = reviewer.post(f"/payout-runs/{run}/approve", content, expects=409)
        assert same["type"] == "/problems/payouts/same-eyes"
        wrong = approver.post(
            f"/payout-runs/{run}/approve", content | {"code": "000000"}, expects=403
        )
        assert wrong["type"] == "/problems/sign-in/code-refused"
        approver.post(f"/payout-runs/{run}/approve", content)
        approver.post(f"/payout-runs/{run}/execute")
        drain()
        stripe.settle_payouts()
        drain()
        lines = approver.get(f"/payout-runs/{run}/lines")["data"]
        assert {line["state"] for line in lines} == {"paid"}
        assert sum(line["amount"]["amount_minor"] for line in lines) == TICKETS * 200
