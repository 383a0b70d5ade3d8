"""Giving a ticket away: to another expert, to the brand, back to the queue; and leases that end."""

from datetime import timedelta

import pytest

from gigcx.db import commit, now, shifted
from gigcx.desk.queries.feed import list_feed
from gigcx.desk.queries.tickets import get_ticket, list_inbox
from gigcx.desk.service import conversation, handover, lapses, leases, resolving
from gigcx.jobs import desk as jobs
from gigcx.jobs.inline import drain
from gigcx.ledger import queries as ledger
from gigcx.ledger.rules import Account
from gigcx.money import Money
from gigcx.paging import Page
from gigcx.principal import SYSTEM
from gigcx.tickets.service import tickets
from tests.acting import acting
from tests.factories import experts, identity
from tests.factories.desk import claim, desk, ticket

pytestmark = pytest.mark.usefixtures("undone")
NOTHING = Money(0, "EUR")


def reserved(at):
    with acting(at.owner):
        return ledger.get_balance(Account.BRAND_RESERVED, owner_id=at.brand_id, currency="EUR")


def state_of(at, ticket_id):
    with acting(at.owner):
        return get_ticket(at.owner, ticket_id).ticket.state


@pytest.fixture
def at():
    """An open desk."""
    return desk()


@pytest.fixture
def agent(at):
    """One of the brand's own staff."""
    return identity.staff(at.brand_id, "agent")


class TestHandBack:
    def test_opens_the_ticket_with_what_was_found_out(self, at):
        asked = ticket(at)
        held = claim(at, asked.id)

        with acting(at.expert):
            commit(
                handover.hand_back,
                who=at.expert,
                ticket_id=asked.id,
                fence=held.fence,
                diagnosis="It is the gasket.",
            )

        with acting(at.owner):
            view = get_ticket(at.owner, asked.id)
        assert view.ticket.state == "open"
        assert ("handed_back", "It is the gasket.") in {(e.kind, e.detail) for e in view.events}
        assert reserved(at) == NOTHING

    def test_is_refused_to_who_holds_it_no_longer(self, at):
        asked = ticket(at)
        held = claim(at, asked.id)

        with acting(at.expert), pytest.raises(leases.StaleFence):
            commit(
                handover.hand_back,
                who=at.expert,
                ticket_id=asked.id,
                fence=held.fence + 1,
                diagnosis="-",
            )

        assert state_of(at, asked.id) == "claimed"


class TestEscalate:
    def test_moves_the_ticket_to_the_brands_inbox_unpaid(self, at):
        asked = ticket(at)
        claim(at, asked.id)

        with acting(at.expert):
            commit(
                handover.escalate_ticket, who=at.expert, ticket_id=asked.id, reason="Needs a refund"
            )

        with acting(at.owner):
            assert [t.id for t in list_inbox(at.owner, Page()).items] == [asked.id]
        with acting(at.expert):
            assert list_feed(at.expert, now=now(), limit=5) == []
        assert reserved(at) == NOTHING

    def test_is_refused_to_an_expert_who_does_not_hold_it(self, at):
        asked = ticket(at)
        held = claim(at, asked.id)
        with acting(at.expert):
            commit(handover.release_ticket, who=at.expert, ticket_id=asked.id, fence=held.fence)
            with pytest.raises(leases.StaleFence):
                commit(handover.escalate_ticket, who=at.expert, ticket_id=asked.id, reason="Still")


class TestTransfer:
    def test_hands_claim_and_reservation_to_another_expert(self, at):
        asked = ticket(at)
        held = claim(at, asked.id)
        other = at.another_expert()

        with acting(at.expert):
            moved = commit(
                handover.transfer_ticket,
                who=at.expert,
                ticket_id=asked.id,
                fence=held.fence,
                to_expert_id=other.user_id,
            )

        assert (moved.claimant_id, moved.fence) == (other.user_id, held.fence + 1)
        assert reserved(at) == Money(1250, "EUR")

    def test_is_refused_for_an_expert_who_may_not_have_it(self, at):
        asked = ticket(at)
        held = claim(at, asked.id)
        stranger = experts.expert(at.brand_id)

        with acting(at.expert), pytest.raises(handover.NotForThem):
            commit(
                handover.transfer_ticket,
                who=at.expert,
                ticket_id=asked.id,
                fence=held.fence,
                to_expert_id=stranger.user_id,
            )

        with acting(at.expert):
            assert get_ticket(at.expert, asked.id).claim.id == held.id
        assert reserved(at) == Money(1250, "EUR")


class TestTakeOver:
    def test_ends_an_experts_claim_and_costs_nothing(self, at, agent):
        asked = ticket(at)
        held = claim(at, asked.id)

        with acting(agent):
            mine = commit(handover.take_over, who=agent, ticket_id=asked.id)
            again = commit(handover.take_over, who=agent, ticket_id=asked.id)

        assert again.id == mine.id
        assert mine.fence == held.fence + 1
        assert reserved(at) == NOTHING
        with acting(at.expert), pytest.raises(leases.StaleFence):
            commit(
                conversation.reply,
                who=at.expert,
                ticket_id=asked.id,
                text="Late",
                fence=held.fence,
            )

    def test_lets_staff_resolve_without_an_earning(self, at, agent):
        asked = ticket(at)
        with acting(agent):
            mine = commit(handover.take_over, who=agent, ticket_id=asked.id)
            commit(resolving.resolve_ticket, who=agent, ticket_id=asked.id, fence=mine.fence)
        with acting(at.customer):
            commit(resolving.confirm_resolution, who=at.customer, ticket_id=asked.id)

        assert state_of(at, asked.id) == "closed"
        with acting(SYSTEM):
            assert ledger.audit() == []

    def test_is_refused_for_a_resolved_ticket(self, at, agent):
        asked = ticket(at)
        held = claim(at, asked.id)
        with acting(at.expert):
            commit(resolving.resolve_ticket, who=at.expert, ticket_id=asked.id, fence=held.fence)

        with acting(agent), pytest.raises(tickets.WrongState):
            commit(handover.take_over, who=agent, ticket_id=asked.id)


class TestAssign:
    def test_names_who_of_the_staff_is_to_answer_and_takes_it_back(self, at, agent):
        asked = ticket(at)
        with acting(at.owner):
            for wanted in (agent.user_id, None):
                commit(
                    handover.assign_ticket,
                    who=at.owner,
                    ticket_id=asked.id,
                    assignee_id=wanted,
                )
                view = get_ticket(at.owner, asked.id)
                assert (view.ticket.route, view.ticket.assignee_id) == ("in_house", wanted)


class TestALeaseThatIsOver:
    def test_is_ended_by_the_sweep_and_the_ticket_keeps_its_place(self, at):
        asked = ticket(at)
        claim(at, asked.id)
        with shifted(timedelta(minutes=61)), acting(SYSTEM):
            jobs.end_lapsed_claims()

        with acting(at.owner):
            view = get_ticket(at.owner, asked.id)
        assert view.ticket.state == "open"
        assert view.claims[0].ended_reason == "expired"
        assert reserved(at) == NOTHING

    def test_is_left_alone_while_it_lasts(self, at):
        asked = ticket(at)
        claim(at, asked.id)
        with acting(SYSTEM):
            assert not commit(lapses.end_lapsed_claim, brand_id=at.brand_id, ticket_id=asked.id)

        assert state_of(at, asked.id) == "claimed"

    def test_goes_to_the_next_claimer_without_any_sweep(self, at):
        asked = ticket(at)
        claim(at, asked.id)
        other = at.another_expert()
        with shifted(timedelta(minutes=61)):
            taken = claim(at, asked.id, other)

        assert taken.claimant_id == other.user_id
        assert reserved(at) == Money(1250, "EUR")

    def test_resolves_the_ticket_where_the_customer_stayed_silent(self, at):
        asked = ticket(at)
        held = claim(at, asked.id)
        with acting(at.expert):
            commit(
                conversation.reply,
                who=at.expert,
                ticket_id=asked.id,
                text="Which version?",
                fence=held.fence,
            )
        with shifted(timedelta(hours=49)):
            drain("desk.end_lapsed_claims")

        with acting(at.owner):
            view = get_ticket(at.owner, asked.id)
        assert view.ticket.state == "closed"
        assert view.resolution.state == "assumed"
        assert reserved(at) == NOTHING

    def test_of_the_brands_own_staff_never_ends_by_itself(self, at, agent):
        asked = ticket(at)
        with acting(agent):
            commit(handover.take_over, who=agent, ticket_id=asked.id)
        with shifted(timedelta(days=3)), acting(SYSTEM):
            assert not commit(lapses.end_lapsed_claim, brand_id=at.brand_id, ticket_id=asked.id)


class TestADraft:
    def test_is_kept_for_who_wrote_it(self, at):
        asked = ticket(at)
        claim(at, asked.id)
        with acting(at.expert):
            commit(conversation.save_draft, who=at.expert, ticket_id=asked.id, text="Dear")
            commit(conversation.save_draft, who=at.expert, ticket_id=asked.id, text="Dear Jo")
            assert get_ticket(at.expert, asked.id).draft == "Dear Jo"
        with acting(at.owner):
            assert get_ticket(at.owner, asked.id).draft == ""
