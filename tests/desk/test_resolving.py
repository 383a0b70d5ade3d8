"""Resolving: the customer's word or their silence, and what reopening undoes."""

from datetime import timedelta

import pytest

from gigcx.db import commit, now, shifted
from gigcx.desk.queries.feed import list_feed
from gigcx.desk.queries.tickets import get_ticket
from gigcx.desk.service import conversation, rating, resolving
from gigcx.earnings import queries as earnings
from gigcx.jobs.inline import drain
from gigcx.ledger import queries as ledger
from gigcx.ledger.rules import Account
from gigcx.money import Money
from gigcx.paging import Page
from gigcx.principal import SYSTEM
from gigcx.quality.service import RatedAlready
from tests.acting import acting
from tests.factories.desk import desk, resolved, ticket

pytestmark = pytest.mark.usefixtures("undone")


def balance(at, account, owner_id):
    with acting(SYSTEM):
        return ledger.get_balance(account, owner_id=owner_id, currency="EUR")


def confirmed(at):
    done = resolved(at)
    with acting(at.customer):
        commit(resolving.confirm_resolution, who=at.customer, ticket_id=done.id)
    return done


def reopen(at, ticket_id):
    with acting(at.customer):
        commit(resolving.reopen_ticket, who=at.customer, ticket_id=ticket_id, reason="Still clicks")


@pytest.fixture
def at():
    """An open desk."""
    return desk()


class TestConfirm:
    def test_settles_once_however_often_it_is_said(self, at):
        done = confirmed(at)
        with acting(at.customer):
            commit(resolving.confirm_resolution, who=at.customer, ticket_id=done.id)

        assert balance(at, Account.EXPERT_PENDING, at.expert.user_id) == Money(1000, "EUR")
        assert balance(at, Account.BRAND_RESERVED, at.brand_id) == Money(0, "EUR")

    def test_is_refused_where_nobody_has_answered(self, at):
        asked = ticket(at)

        with acting(at.customer), pytest.raises(resolving.NothingToConfirm):
            commit(resolving.confirm_resolution, who=at.customer, ticket_id=asked.id)

    def test_is_assumed_after_the_agreed_silence_and_not_before(self, at):
        done = resolved(at)
        with shifted(timedelta(hours=47)), acting(SYSTEM):
            assert not commit(resolving.assume_confirmed, brand_id=at.brand_id, ticket_id=done.id)
        with shifted(timedelta(hours=49)), acting(SYSTEM):
            assert commit(resolving.assume_confirmed, brand_id=at.brand_id, ticket_id=done.id)
            assert not commit(resolving.assume_confirmed, brand_id=at.brand_id, ticket_id=done.id)


class TestReopen:
    def test_before_the_word_ends_the_earning_unpaid(self, at):
        done = resolved(at)
        reopen(at, done.id)

        with acting(at.expert):
            assert [e.state for e in earnings.list_earnings(at.expert, Page()).items] == [
                "rejected"
            ]
        assert balance(at, Account.BRAND_RESERVED, at.brand_id) == Money(0, "EUR")
        with acting(SYSTEM):
            assert ledger.audit() == []

    def test_after_the_word_claws_a_pending_earning_back(self, at):
        done = confirmed(at)
        before = balance(at, Account.BRAND_AVAILABLE, at.brand_id)
        reopen(at, done.id)
        drain()

        with acting(at.expert):
            states = [e.state for e in earnings.list_earnings(at.expert, Page()).items]
        assert states == ["clawed_back"]
        assert balance(at, Account.EXPERT_PENDING, at.expert.user_id) == Money(0, "EUR")
        after = balance(at, Account.BRAND_AVAILABLE, at.brand_id)
        assert after == before + Money(1000, "EUR")
        with acting(SYSTEM):
            assert ledger.audit() == []

    def test_leaves_an_available_earning_to_a_person(self, at):
        done = confirmed(at)
        with shifted(timedelta(days=4)):
            drain("earnings.release_due")
            reopen(at, done.id)
            drain()

        with acting(at.expert):
            states = [e.state for e in earnings.list_earnings(at.expert, Page()).items]
        assert states == ["available"]

    def test_gives_who_knows_it_the_first_right_for_some_hours(self, at):
        done = resolved(at)
        reopen(at, done.id)
        other = at.another_expert()

        with acting(at.expert):
            assert [t.ticket_id for t in list_feed(at.expert, now=now(), limit=5)] == [done.id]
        with acting(other):
            assert list_feed(other, now=now(), limit=5) == []
            later = now() + timedelta(hours=5)
            assert [t.ticket_id for t in list_feed(other, now=later, limit=5)] == [done.id]

    def test_comes_too_late_after_the_contracts_window(self, at):
        done = confirmed(at)
        with shifted(timedelta(days=15)), pytest.raises(resolving.TooLateToReopen):
            reopen(at, done.id)

    def test_is_refused_for_a_ticket_that_is_open(self, at):
        asked = ticket(at)
        with pytest.raises(resolving.NothingToConfirm):
            reopen(at, asked.id)

    def test_follows_from_a_customers_reply(self, at):
        done = resolved(at)
        with acting(at.customer):
            commit(conversation.reply, who=at.customer, ticket_id=done.id, text="It is back again.")

        with acting(at.owner):
            assert get_ticket(at.owner, done.id).ticket.state == "open"


class TestRate:
    def test_is_given_once(self, at):
        done = confirmed(at)
        with acting(at.customer):
            for expected in (None, RatedAlready):
                values = {"ticket_id": done.id, "stars": 4, "comment": "Good"}
                if expected is None:
                    commit(rating.rate_resolution, who=at.customer, **values)
                else:
                    with pytest.raises(expected):
                        commit(rating.rate_resolution, who=at.customer, **values)
