"""Claiming: one winner, on the terms that were shown, from a balance that covers it."""

from collections import Counter

import pytest

from gigcx.db import commit, now
from gigcx.desk.queries import eligibility
from gigcx.desk.queries.feed import list_feed
from gigcx.desk.rules import RewardChanged
from gigcx.desk.service import claims, handover, leases
from gigcx.ledger import queries as ledger
from gigcx.ledger.rules import Account
from gigcx.money import Money
from tests.acting import acting, race
from tests.factories import experts
from tests.factories.desk import claim, desk, ticket
from tests.factories.funding import fund
from tests.factories.rewards import reward


def balance(at, account):
    with acting(at.owner):
        return ledger.get_balance(account, owner_id=at.brand_id, currency="EUR")


@pytest.mark.usefixtures("undone")
class TestClaimTicket:
    def test_reserves_the_reward_and_the_fee(self):
        at = desk(pays=Money(1000, "EUR"))
        asked = ticket(at)

        claimed = claim(at, asked.id)

        assert claimed.fence == 1
        assert balance(at, Account.BRAND_RESERVED) == Money(1250, "EUR")

    def test_refuses_an_expert_without_certificate(self):
        at = desk()
        asked = ticket(at)
        stranger = experts.expert(at.brand_id)

        with acting(stranger), pytest.raises(claims.TicketNotOpen):
            commit(claims.claim_ticket, who=stranger, ticket_id=asked.id, seen=at.pays)

    def test_refuses_another_reward_than_the_one_shown(self):
        at = desk(pays=Money(1000, "EUR"))
        asked = ticket(at)
        reward(at.brand_id, at.queue_id, Money(900, "EUR"))

        with acting(at.expert), pytest.raises(RewardChanged) as refusal:
            commit(claims.claim_ticket, who=at.expert, ticket_id=asked.id, seen=at.pays)

        assert refusal.value.facts == {"reward_minor": 900, "currency": "EUR"}

    def test_stops_the_queue_when_the_balance_is_too_low(self):
        at = desk(pays=Money(1000, "EUR"), funds=Money(1249, "EUR"))
        asked = ticket(at)

        with acting(at.expert), pytest.raises(leases.BrandOutOfFunds):
            commit(claims.claim_ticket, who=at.expert, ticket_id=asked.id, seen=at.pays)

        with acting(at.expert):
            assert list_feed(at.expert, now=now(), limit=5) == []
            why = eligibility.eligibility_of(at.expert, ticket_id=asked.id, now=now())
        assert why.reasons == ("The brand's balance does not cover another ticket.",)
        fund(at.brand_id, Money(1, "EUR"))
        assert claim(at, asked.id).fence == 1


@pytest.mark.usefixtures("undone")
class TestReleaseTicket:
    def test_gives_the_money_back_and_the_ticket_its_place(self):
        at = desk()
        asked = ticket(at)
        claimed = claim(at, asked.id)

        with acting(at.expert):
            commit(
                handover.release_ticket,
                who=at.expert,
                ticket_id=asked.id,
                fence=claimed.fence,
            )
            feed = list_feed(at.expert, now=now(), limit=5)

        assert [item.ticket_id for item in feed] == [asked.id]
        assert balance(at, Account.BRAND_RESERVED) == Money(0, "EUR")


@pytest.mark.usefixtures("committing")
class TestRivals:
    def test_have_one_winner_a_ticket_and_no_error_but_the_conflict(self):
        at = desk()
        rivals = [at.another_expert() for _ in range(16)]
        asked = [ticket(at) for _ in range(4)]

        def try_all(n):
            results = []
            with acting(rivals[n]):
                for one in asked:
                    try:
                        results.append(
                            commit(
                                claims.claim_ticket,
                                who=rivals[n],
                                ticket_id=one.id,
                                seen=at.pays,
                            ).ticket_id
                        )
                    except claims.TicketNotOpen as error:
                        results.append(type(error))
            return results

        results = Counter(result for tried in race(16, try_all) for result in tried)

        assert results == {one.id: 1 for one in asked} | {claims.TicketNotOpen: 60}
