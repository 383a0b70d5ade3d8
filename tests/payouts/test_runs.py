"""Runs: drafted, reviewed line by line, approved by a second person, sent, returned."""

from datetime import timedelta

import pytest

from gigcx.db import commit, shifted
from gigcx.jobs import funding as funding_jobs
from gigcx.jobs.inline import drain
from gigcx.ledger import queries as ledger
from gigcx.ledger.rules import Account
from gigcx.money import Money
from gigcx.paging import Page
from gigcx.payouts.queries import reconciliation
from gigcx.payouts.queries import runs as queries
from gigcx.payouts.service import accounts, runs
from gigcx.principal import SYSTEM
from gigcx.sandbox.stripe.payouts import settle_payout
from tests.acting import acting
from tests.factories import identity
from tests.factories.desk import desk
from tests.factories.funding import fund
from tests.factories.payouts import HELD, approved_run, earned, executed, open_account, pay_in

REWARD = Money(1000, "EUR")


@pytest.fixture
def at(undone):
    """An open desk whose brand has paid nothing in."""
    return desk(funds=None)


@pytest.fixture
def maker(at):
    """Who drafts and submits."""
    return identity.finance()


@pytest.fixture
def checker(at):
    """Who approves."""
    return identity.finance()


@pytest.fixture
def draft(at, stripe, maker):
    """A draft with one line for each of two experts."""
    pay_in(at, stripe)
    for expert in (at.expert, at.another_expert()):
        earned(at, expert)
        open_account(expert, stripe)
    with shifted(HELD):
        drain("earnings.release_due")
        with acting(maker):
            return commit(runs.draft_run, who=maker)


def lines_of(run, who):
    with acting(who):
        return [line.line for line in queries.list_lines(who, run.id, Page()).items]


def states_of(run, who):
    return sorted(line.state for line in lines_of(run, who))


def payable(expert):
    with acting(SYSTEM):
        return ledger.get_balance(Account.EXPERT_PAYABLE, owner_id=expert.user_id, currency="EUR")


class TestADraft:
    def test_is_refused_where_there_is_nothing_to_pay(self, at, maker):
        with acting(maker), pytest.raises(runs.NothingToPay):
            commit(runs.draft_run, who=maker)

    def test_leaves_out_who_has_no_account(self, at, maker, stripe):
        pay_in(at, stripe)
        earned(at, at.expert)
        with shifted(HELD):
            drain("earnings.release_due")
            with acting(maker), pytest.raises(runs.NothingToPay) as refusal:
                commit(runs.draft_run, who=maker)

        assert refusal.value.facts["waiting"] == 1

    def test_loses_a_line_that_is_skipped_and_frees_its_earning(self, draft, maker, checker):
        first, _ = lines_of(draft, maker)
        with acting(maker):
            commit(runs.skip_line, who=maker, line_id=first.id, reason="Not yet")
        assert len(lines_of(draft, maker)) == 1

        with shifted(HELD), acting(checker):
            another = commit(runs.draft_run, who=checker)
        assert [line.expert_id for line in lines_of(another, checker)] == [first.expert_id]

    def test_that_is_cancelled_frees_all(self, draft, maker):
        with acting(maker):
            assert commit(runs.cancel_run, who=maker, run_id=draft.id).state == "cancelled"
            with pytest.raises(runs.RunWrongState):
                commit(runs.cancel_run, who=maker, run_id=draft.id)
            with shifted(HELD):
                again = commit(runs.draft_run, who=maker)

        assert len(lines_of(again, maker)) == 2

    def test_is_not_executed(self, draft, maker):
        with acting(maker), pytest.raises(runs.RunWrongState):
            commit(runs.execute_run, who=maker, run_id=draft.id)


class TestAnApproval:
    @pytest.fixture
    def submitted(self, draft, maker):
        """The draft, handed to a second person."""
        with acting(maker):
            return commit(runs.submit_run, who=maker, run_id=draft.id)

    def test_is_a_second_persons(self, submitted, maker, checker):
        sha = submitted.content_sha256
        with acting(maker), pytest.raises(runs.SameEyes):
            commit(runs.approve_run, who=maker, run_id=submitted.id, content_sha256=sha)
        with acting(checker):
            done = commit(runs.approve_run, who=checker, run_id=submitted.id, content_sha256=sha)

        assert done.state == "approved"

    def test_is_of_exactly_what_was_seen(self, submitted, checker):
        with acting(checker), pytest.raises(runs.ContentChanged):
            commit(runs.approve_run, who=checker, run_id=submitted.id, content_sha256=bytes(32))

    def test_is_a_ceiling_under_which_lines_may_be_held_or_skipped(self, submitted, checker):
        with acting(checker):
            sha = submitted.content_sha256
            commit(runs.approve_run, who=checker, run_id=submitted.id, content_sha256=sha)
            first, second = lines_of(submitted, checker)
        with acting(checker):
            commit(runs.hold_line, who=checker, line_id=first.id, reason="Looks odd")
            commit(runs.skip_line, who=checker, line_id=second.id, reason="Next week")
            with pytest.raises(runs.LineWrongState):
                commit(runs.hold_line, who=checker, line_id=second.id, reason="Again")
        assert states_of(submitted, checker) == ["held", "skipped"]

        executed(submitted.id, checker)
        drain()
        with acting(checker):
            assert queries.get_run(checker, submitted.id).run.state == "completed"
            commit(runs.release_line, who=checker, line_id=first.id)
            with shifted(HELD):
                following = commit(runs.draft_run, who=checker)

        assert states_of(submitted, checker) == ["skipped", "skipped"]
        assert len(lines_of(following, checker)) == 2


class TestAnExecution:
    def test_pays_each_line_once_and_agrees_with_stripe(self, at, stripe):
        run, checker = approved_run(at, stripe, at.expert, at.another_expert())
        executed(run.id, checker)
        drain()
        stripe.settle_payouts()
        drain("payouts.import_balance_transactions")

        assert states_of(run, checker) == ["paid", "paid"]
        assert payable(at.expert) == Money(0, "EUR")
        with acting(SYSTEM):
            assert ledger.audit() == []
            assert reconciliation.reconciliation().agrees

    def test_gives_back_what_stripe_refuses(self, at, stripe):
        run, checker = approved_run(at, stripe, at.expert)
        account = stripe.store.all("account")[0]
        account["capabilities"]["transfers"] = "inactive"
        stripe.store.put("account", account)
        executed(run.id, checker)
        drain()

        assert states_of(run, checker) == ["failed"]
        assert payable(at.expert) == REWARD
        with acting(checker):
            assert queries.get_run(checker, run.id).run.state == "completed"

    @pytest.mark.parametrize("when", ["at once", "after it was paid"])
    def test_owes_again_what_a_bank_sends_back(self, at, stripe, when):
        run, checker = approved_run(at, stripe, at.expert)
        executed(run.id, checker)
        drain()
        if when == "after it was paid":
            stripe.settle_payouts()
            drain()
        (account,) = stripe.store.all("account")
        for payout in stripe.store.all("payout", account=account["id"]):
            settle_payout(stripe.store, payout["id"], account["id"], "failed")
        stripe.tell()
        drain()

        assert states_of(run, checker) == ["returned"]
        assert payable(at.expert) == REWARD
        with acting(SYSTEM):
            assert ledger.audit() == []

    def test_waits_while_the_platforms_balance_does_not_reach(self, at, stripe):
        fund(at.brand_id)
        earned(at, at.expert)
        open_account(at.expert, stripe)
        with shifted(HELD):
            drain("earnings.release_due")
            maker, checker = identity.finance(), identity.finance()
            with acting(maker):
                run = commit(runs.draft_run, who=maker)
                run = commit(runs.submit_run, who=maker, run_id=run.id)
            with acting(checker):
                sha = run.content_sha256
                commit(runs.approve_run, who=checker, run_id=run.id, content_sha256=sha)
        executed(run.id, checker)
        drain()
        with acting(checker):
            waiting = queries.get_run(checker, run.id).run.waiting_reason
        assert waiting == "insufficient_platform_balance: 1 lines wait"
        assert states_of(run, checker) == ["queued"]

        pay_in(at, stripe)
        drain("payouts.sweep")
        stripe.settle_payouts()
        drain()
        assert states_of(run, checker) == ["paid"]


class TestAnAccount:
    def test_is_asked_for_once_and_gets_a_new_link_each_time(self, at, stripe):
        for _ in range(2):
            with acting(at.expert):
                commit(accounts.open_account, who=at.expert, country="DE")
            drain()

        assert len(stripe.store.all("account")) == 1
        with acting(at.expert):
            assert queries.find_account(at.expert).state == "onboarding"

    def test_cools_off_after_its_bank_has_changed(self, at, stripe):
        open_account(at.expert, stripe)
        with acting(at.expert):
            account = queries.find_account(at.expert)
            assert account.cooldown_until is None
        facts = accounts.AccountFacts(
            stripe_account=account.stripe_account,
            has_transfers=True,
            is_paid_out=True,
            due=(),
            disabled_reason=None,
            fingerprint="another",
        )
        with acting(SYSTEM):
            commit(accounts.apply_account, facts=facts)
        with acting(at.expert):
            after = queries.find_account(at.expert)

        assert after.cooldown_until is not None
        pay_in(at, stripe)
        earned(at, at.expert)
        with shifted(HELD):
            drain("earnings.release_due")
        maker = identity.finance()
        with shifted(timedelta(hours=71)), acting(maker), pytest.raises(runs.NothingToPay):
            commit(runs.draft_run, who=maker)


class TestAFunding:
    def test_that_nobody_pays_expires(self, at, stripe):
        from gigcx.funding import queries as fundings  # noqa: PLC0415
        from gigcx.funding import service  # noqa: PLC0415

        with acting(at.owner):
            started = commit(service.start_funding, who=at.owner, amount=REWARD)
        drain()
        with acting(SYSTEM):
            funding_jobs.expire_checkout(funding_id=str(started.id))
            funding_jobs.expire_checkout(funding_id=str(started.id))
        with acting(at.owner):
            assert fundings.get_funding(at.owner, started.id).state == "expired"
