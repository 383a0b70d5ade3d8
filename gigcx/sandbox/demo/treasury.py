"""Money of the demo: brands pay in, experts open accounts, finance pays out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from gigcx.db import commit
from gigcx.funding import queries as fundings
from gigcx.funding import service as funding
from gigcx.jobs import funding as jobs_of_funding
from gigcx.jobs import payouts as jobs_of_payouts
from gigcx.jobs.inline import drain
from gigcx.money import Money
from gigcx.payouts.models import PayoutAccount
from gigcx.payouts.queries import runs as payouts
from gigcx.payouts.service import accounts, runs
from gigcx.principal import SYSTEM, Principal, acting_as
from gigcx.sandbox.demo import buttons
from gigcx.sandbox.demo.shops import Shop
from gigcx.sandbox.demo.timeline import Script


class Treasury:
    """Finance's two people, and what they need of Stripe's pages."""

    def __init__(self, *, reviewer: Principal, approver: Principal) -> None:
        self._reviewer = reviewer
        self._approver = approver
        self._page = ""

    def pay_in(self, shop: Shop, amount: Money) -> None:
        """Let a brand pay in on Stripe's page."""
        owner = shop.staff["owner"]
        with acting_as(owner):
            started = commit(funding.start_funding, who=owner, amount=amount)
        drain()
        with acting_as(owner):
            page = commit(_checkout_of, who=owner, funding_id=started.id)
        assert page is not None, "Stripe does not answer"
        self._page = page
        payment_intent = buttons.pay_checkout(page)
        with acting_as(SYSTEM):
            jobs_of_funding.refresh_payment(payment_intent=payment_intent)

    def open_accounts(self, experts: Iterable[tuple[Principal, str]]) -> None:
        """Let experts open their accounts, each in their country."""
        known = list(experts)
        for expert, country in known:
            with acting_as(expert):
                commit(accounts.open_account, who=expert, country=country)
        drain()
        for expert, _ in known:
            with acting_as(expert):
                account = commit(_account_of, who=expert)
            assert account is not None, "it was opened a moment ago"
            assert account.link_url is not None, "Stripe does not answer"
            assert account.stripe_account is not None, "a link is for an account at Stripe"
            buttons.complete_onboarding(account.link_url)
            with acting_as(SYSTEM):
                jobs_of_payouts.refresh_account(stripe_account=account.stripe_account)

    def paid_run(self) -> Script:
        """Draft, submit, approve by the other one, execute; the banks take it."""
        with acting_as(self._reviewer):
            run = commit(runs.draft_run, who=self._reviewer, note="First run")
            run = commit(runs.submit_run, who=self._reviewer, run_id=run.id)
        yield timedelta(hours=3)
        assert run.content_sha256 is not None, "the database hashes what is submitted"
        with acting_as(self._approver):
            commit(
                runs.approve_run,
                who=self._approver,
                run_id=run.id,
                content_sha256=run.content_sha256,
            )
        yield timedelta(minutes=20)
        with acting_as(self._approver):
            commit(runs.execute_run, who=self._approver, run_id=run.id)
        drain()
        buttons.settle_payouts(self._page)
        drain("payouts.sweep", "payouts.import_balance_transactions")
        buttons.lose_events(self._page)

    def submitted_run(self) -> Script:
        """Draft and submit what has become available since; the other one has not looked yet."""
        with acting_as(self._reviewer):
            run = commit(runs.draft_run, who=self._reviewer, note="Second run")
        yield timedelta(minutes=30)
        with acting_as(self._reviewer):
            commit(runs.submit_run, who=self._reviewer, run_id=run.id)


def _checkout_of(_now: datetime, *, who: Principal, funding_id: UUID) -> str | None:
    """Read as a unit of its own: the session forgets whom it read as before."""
    return fundings.get_funding(who, funding_id).checkout_url


def _account_of(_now: datetime, *, who: Principal) -> PayoutAccount | None:
    return payouts.find_account(who)
