"""Runs of payouts, as two people of finance make them."""

from datetime import timedelta
from uuid import UUID

from gigcx.db import commit, shifted
from gigcx.desk.service import resolving
from gigcx.funding import service as funding
from gigcx.jobs.inline import drain
from gigcx.money import Money
from gigcx.payouts.models import PayoutRun
from gigcx.payouts.service import accounts, runs
from gigcx.principal import Principal
from tests.acting import acting
from tests.factories import identity
from tests.factories.desk import Desk, claim, ticket
from tests.factories.funding import PLENTY
from tests.outside import StandIn

HELD = timedelta(days=8)
"""Longer than a contract holds an earning."""


def earned(at: Desk, expert: Principal) -> None:
    """Let an expert resolve a ticket that its customer confirms."""
    asked = ticket(at)
    held = claim(at, asked.id, expert)
    with acting(expert):
        commit(resolving.resolve_ticket, who=expert, ticket_id=asked.id, fence=held.fence)
    with acting(at.customer):
        commit(resolving.confirm_resolution, who=at.customer, ticket_id=asked.id)


def open_account(expert: Principal, stripe: StandIn) -> None:
    """Let an expert open an account for payouts and answer Stripe's questions."""
    with acting(expert):
        commit(accounts.open_account, who=expert, country="DE")
    drain()
    stripe.complete_onboarding()
    drain()


def pay_in(at: Desk, stripe: StandIn, amount: Money = PLENTY) -> None:
    """Let the brand pay at Stripe, where payouts are paid from."""
    with acting(at.owner):
        started = commit(funding.start_funding, who=at.owner, amount=amount)
    drain()
    stripe.pay_checkout(started.id)
    drain()


def approved_run(at: Desk, stripe: StandIn, *experts: Principal) -> tuple[PayoutRun, Principal]:
    """Let each expert earn once and be paid by a run that is approved; return it and by whom."""
    pay_in(at, stripe)
    for expert in experts:
        earned(at, expert)
        open_account(expert, stripe)
    with shifted(HELD):
        drain("earnings.release_due")
        maker, checker = identity.finance(), identity.finance()
        with acting(maker):
            run = commit(runs.draft_run, who=maker)
            run = commit(runs.submit_run, who=maker, run_id=run.id)
        with acting(checker):
            sha = run.content_sha256
            run = commit(runs.approve_run, who=checker, run_id=run.id, content_sha256=sha)
    return run, checker


def executed(run_id: UUID, who: Principal) -> None:
    """Send an approved run on its way."""
    with acting(who):
        commit(runs.execute_run, who=who, run_id=run_id)
