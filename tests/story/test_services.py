"""The main job, told once through the services: from a real queue line to a paid expert."""

from collections import Counter
from datetime import timedelta
from io import BytesIO

import pytest

from gigcx.db import commit, now, shifted
from gigcx.desk.queries.feed import list_feed
from gigcx.desk.queries.tickets import get_ticket, list_inbox, list_tickets
from gigcx.desk.service import claims, conversation, imports, rating, resolving
from gigcx.earnings.queries import statement
from gigcx.errors import Conflict
from gigcx.funding import service as funding
from gigcx.jobs.inline import drain
from gigcx.ledger import queries as ledger
from gigcx.ledger.rules import Account
from gigcx.money import Money
from gigcx.paging import Page
from gigcx.payouts.queries import reconciliation, runs
from gigcx.payouts.service import accounts
from gigcx.payouts.service import runs as payouts
from gigcx.principal import SYSTEM
from gigcx.rewards import service as rewards
from gigcx.tickets.service import queues
from tests.acting import acting, race
from tests.factories import catalog, customers, experts, identity
from tests.story.lines import queue_lines

LINES = 22
DANGEROUS = 2
"""Lines that speak of fraud or fire: the brand's own people answer those."""
TICKETS = LINES - DANGEROUS
EXPERTS = 32
REWARD = Money(200, "EUR")
"""What one resolution earns; the platform's fee of 25 % comes on top."""
COST = Money(250, "EUR")


@pytest.fixture
def brand(committing):
    """A brand with nothing but a name."""
    return identity.brand()


@pytest.fixture
def owner(brand):
    """The brand's owner."""
    return identity.staff(brand.id, "owner")


@pytest.fixture
def crowd(brand):
    """Experts who own the brand's products, not yet certified for any."""
    return [experts.expert(brand.id) for _ in range(EXPERTS)]


class TestTheMainJob:
    def test_leads_from_a_queue_line_to_a_paid_expert(self, brand, owner, crowd, stripe):
        self.fund(owner, stripe)
        queue = self.post_the_queue(owner)
        self.import_the_lines(owner, queue)
        catalog.certify_for_all(brand.id, crowd)

        winners = [self.race_for(ticket_id, crowd) for ticket_id in self.tickets_of(owner)]
        for expert, claim in winners:
            self.talk_and_resolve(expert, claim)
        self.confirm_or_stay_silent(brand, [claim for _, claim in winners])
        with shifted(timedelta(days=8)):
            drain()
            self.pay({expert.user_id: expert for expert, _ in winners}, stripe)

        with acting(SYSTEM):
            assert ledger.audit() == []

    def fund(self, owner, stripe):
        with acting(owner):
            paid_in = commit(funding.start_funding, who=owner, amount=Money(1_000_00, "EUR"))
        drain()
        stripe.pay_checkout(paid_in.id)
        drain()
        with acting(owner):
            balance = ledger.get_balance(
                Account.BRAND_AVAILABLE, owner_id=owner.brand_ids[0], currency="EUR"
            )
        assert balance == Money(1_000_00, "EUR")

    def post_the_queue(self, owner):
        with acting(owner):
            queue = commit(
                queues.create_queue,
                brand_id=owner.brand_ids[0],
                name="Owners help owners",
                brief="Questions about our products",
                currency="EUR",
            )
            commit(
                rewards.set_reward,
                brand_id=queue.brand_id,
                queue_id=queue.id,
                amount=REWARD,
            )
            return commit(queues.open_queue, brand_id=queue.brand_id, queue_id=queue.id)

    def import_the_lines(self, owner, queue):
        with acting(owner):
            started = commit(
                imports.start_import,
                who=owner,
                kind="tickets",
                file_name="support_queue.jsonl",
                content=BytesIO(queue_lines(LINES)),
                queue_id=queue.id,
            )
        drain()
        with acting(SYSTEM):
            done = commit(imports.read_batch, brand_id=queue.brand_id, import_id=started.id)
        assert (done.state, done.accepted, done.refused) == ("finished", LINES, 0)

    def tickets_of(self, owner):
        with acting(owner):
            tickets = list_tickets(owner, Page(limit=100)).items
            in_house = list_inbox(owner, Page(limit=100)).items
        offered = [ticket.id for ticket in tickets if ticket not in in_house]
        assert (len(offered), [one.route for one in in_house]) == (TICKETS, ["safety"] * DANGEROUS)
        return offered

    def race_for(self, ticket_id, crowd):
        def claim(n):
            with acting(crowd[n]):
                return commit(claims.claim_ticket, who=crowd[n], ticket_id=ticket_id, seen=REWARD)

        results = race(EXPERTS, claim)
        won = [(crowd[n], got) for n, got in enumerate(results) if not isinstance(got, Exception)]
        lost = Counter(type(got) for got in results if isinstance(got, Exception))
        assert len(won) == 1
        assert lost == {claims.TicketNotOpen: EXPERTS - 1}
        return won[0]

    def talk_and_resolve(self, expert, claim):
        customer = customers.customer_of(claim.brand_id, claim.ticket_id)
        with acting(expert):
            view = get_ticket(expert, claim.ticket_id)
            assert view.claim.fence == claim.fence
            commit(
                conversation.reply,
                who=expert,
                ticket_id=claim.ticket_id,
                fence=claim.fence,
                text="Which version do you have? It is on the label at the back.",
            )
        with acting(customer):
            commit(
                conversation.reply,
                who=customer,
                ticket_id=claim.ticket_id,
                text="Version 3. You can reach me at jo.miller@example.com.",
            )
        with acting(expert):
            thread = get_ticket(expert, claim.ticket_id).messages
            assert "jo.miller@example.com" not in " ".join(m.masked_text for m in thread)
            commit(
                resolving.resolve_ticket, who=expert, ticket_id=claim.ticket_id, fence=claim.fence
            )
            with pytest.raises(Conflict) as refusal:
                commit(
                    conversation.reply,
                    who=expert,
                    ticket_id=claim.ticket_id,
                    fence=claim.fence,
                    text="One more thing",
                )
        assert refusal.value.code == "desk/stale-fence"

    def confirm_or_stay_silent(self, brand, won):
        for claim in won[: TICKETS // 2]:
            customer = customers.customer_of(claim.brand_id, claim.ticket_id)
            with acting(customer):
                commit(resolving.confirm_resolution, who=customer, ticket_id=claim.ticket_id)
                commit(
                    rating.rate_resolution,
                    who=customer,
                    ticket_id=claim.ticket_id,
                    stars=5,
                    comment="Thank you!",
                )
        with shifted(timedelta(hours=49)):
            drain("desk.assume_confirmations")
        with acting(SYSTEM):
            reserved = ledger.get_balance(Account.BRAND_RESERVED, owner_id=brand.id, currency="EUR")
            available = ledger.get_balance(
                Account.BRAND_AVAILABLE, owner_id=brand.id, currency="EUR"
            )
        assert reserved == Money(0, "EUR")
        assert available == Money(1_000_00 - TICKETS * COST.amount_minor, "EUR")

    def pay(self, earners, stripe):
        drain("earnings.release_due")
        for expert in earners.values():
            with acting(expert):
                assert statement(expert, now()).available
                commit(accounts.open_account, who=expert, country="DE")
        drain()
        stripe.complete_onboarding()
        drain()
        reviewer, approver = identity.finance(), identity.finance()
        with acting(reviewer):
            run = commit(payouts.draft_run, who=reviewer)
            run = commit(payouts.submit_run, who=reviewer, run_id=run.id)
            with pytest.raises(payouts.SameEyes):
                commit(
                    payouts.approve_run,
                    who=reviewer,
                    run_id=run.id,
                    content_sha256=run.content_sha256,
                )
        with acting(approver):
            commit(
                payouts.approve_run,
                who=approver,
                run_id=run.id,
                content_sha256=run.content_sha256,
            )
            commit(payouts.execute_run, who=approver, run_id=run.id)
        drain()
        stripe.settle_payouts()
        drain("payouts.import_balance_transactions")
        with acting(approver):
            view = runs.get_run(approver, run.id)
            assert view.run.state == "completed"
            assert view.counts == {"paid": len(earners)}
            assert view.totals == [Money(TICKETS * REWARD.amount_minor, "EUR")]
            assert reconciliation.reconciliation().agrees


class TestTheFeed:
    def test_shows_reward_minutes_and_reasons(self, brand, owner, crowd, stripe):
        told = TestTheMainJob()
        told.fund(owner, stripe)
        told.import_the_lines(owner, told.post_the_queue(owner))
        catalog.certify_for_all(brand.id, crowd[:1])

        with acting(crowd[0]):
            feed = list_feed(crowd[0], now=now(), limit=5)
        with acting(crowd[1]):
            nothing = list_feed(crowd[1], now=now(), limit=5)

        assert [item.reward for item in feed] == [REWARD] * 5
        assert all(item.reasons and item.estimated_minutes for item in feed)
        assert [item.score for item in feed] == sorted((i.score for i in feed), reverse=True)
        assert nothing == []
