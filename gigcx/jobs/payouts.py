"""Jobs that talk to Stripe about experts' money: claim, call, record. Each is safe to run twice."""

from datetime import timedelta
from uuid import UUID

from flask import current_app

from gigcx.db import commit
from gigcx.gateways.stripe import StripeGateway
from gigcx.money import Money
from gigcx.payouts.queries import reconciliation, runs
from gigcx.payouts.service import accounts, lines, reconciling

OVERLAP = timedelta(hours=1)
"""How far back of the newest movement we know the next import starts."""


def stripe() -> StripeGateway:
    """Return the gateway that the app was built with."""
    gateway: StripeGateway = current_app.extensions["gigcx.stripe"]
    return gateway


def create_account(*, account_id: str, **_later_arguments: object) -> None:
    """Create an expert's account at Stripe."""
    order = commit(accounts.claim_account, account_id=UUID(account_id))
    if order is None:
        return

    outcome = stripe().create_account(
        email=order.email,
        country=order.country,
        key=order.key,
        call_id=order.call_id,
        expert_id=order.expert_id,
    )

    commit(accounts.record_account, account_id=order.account_id, outcome=outcome)


def create_link(*, account_id: str, **_later_arguments: object) -> None:
    """Make the link on which an expert answers Stripe's questions."""
    order = commit(accounts.claim_link, account_id=UUID(account_id))
    if order is None:
        return

    public_url = current_app.config["PUBLIC_URL"]
    outcome = stripe().create_account_link(
        account=order.stripe_account,
        refresh_url=f"{public_url}/expert/payout-account/refresh",
        return_url=f"{public_url}/expert/statement",
        key=order.key,
    )

    commit(accounts.record_link, account_id=order.account_id, outcome=outcome)


def refresh_account(*, stripe_account: str, **_later_arguments: object) -> None:
    """Fetch an account from Stripe and bring ours in step: events are only hints."""
    commit(accounts.apply_account, facts=stripe().get_account(stripe_account))


def start_run(*, run_id: str, **_later_arguments: object) -> None:
    """Send the queued lines of an executing run as far as the platform's balance reaches."""
    queued = runs.list_queued(UUID(run_id))
    left = {money.currency: money for money in stripe().balance_available()}
    short = 0
    for line_id, amount in queued:
        available = left.get(amount.currency, Money(0, amount.currency))
        if commit(lines.intend_transfer, line_id=line_id, available=[available]):
            left[amount.currency] = available - amount
        elif available < amount:
            short += 1
    reason = f"insufficient_platform_balance: {short} lines wait" if short else None
    commit(lines.note_waiting, run_id=UUID(run_id), reason=reason)
    commit(lines.finish_run, run_id=UUID(run_id))


def send_transfer(*, line_id: str, **_later_arguments: object) -> None:
    """Send one line's transfer.

    Killed before the call, or after it: the call stays ``sent``, the sweep starts this job again
    once its sender must be dead, and the same key gets the same answer from Stripe.
    """
    order = commit(lines.claim_transfer, line_id=UUID(line_id))
    if order is None:
        return

    outcome = stripe().transfer(
        to_account=order.stripe_account,
        amount=order.amount,
        key=order.key,
        call_id=order.call_id,
        line_id=order.line_id,
        transfer_group=f"run_{order.run_id}",
    )

    commit(lines.record_transfer, line_id=order.line_id, outcome=outcome)


def send_payout(*, line_id: str, **_later_arguments: object) -> None:
    """Order the payout of one line to the expert's bank."""
    order = commit(lines.claim_payout, line_id=UUID(line_id))
    if order is None:
        return

    outcome = stripe().payout(
        account=order.stripe_account,
        amount=order.amount,
        key=order.key,
        call_id=order.call_id,
        line_id=order.line_id,
    )

    commit(lines.record_payout, line_id=order.line_id, outcome=outcome)


def reverse_transfer(*, line_id: str, **_later_arguments: object) -> None:
    """Take back a transfer whose payout the bank did not accept."""
    order = commit(lines.claim_reversal, line_id=UUID(line_id))
    if order is None or order.transfer is None:
        return

    outcome = stripe().reverse_transfer(
        transfer=order.transfer, amount=order.amount, key=order.key, call_id=order.call_id
    )

    commit(lines.record_reversal, line_id=order.line_id, outcome=outcome)


def refresh_payout(*, payout: str, account: str, **_later_arguments: object) -> None:
    """Fetch a payout from Stripe and bring its line in step: events are only hints."""
    told = stripe().get_payout(payout, account)
    if told.line_id is None:
        return
    commit(lines.apply_payout, line_id=told.line_id, status=told.status, failure=told.failure_code)


def finish_run(*, run_id: str, **_later_arguments: object) -> None:
    """Complete a run whose lines are all at an end."""
    commit(lines.finish_run, run_id=UUID(run_id))


def sweep(**_later_arguments: object) -> None:
    """Go on with runs whose events were lost or whose balance has come."""
    for line_id, account in runs.list_paying_out():
        for told in stripe().list_payouts(account):
            if told.line_id == line_id:
                commit(
                    lines.apply_payout,
                    line_id=line_id,
                    status=told.status,
                    failure=told.failure_code,
                )
    for run_id in runs.list_executing():
        start_run(run_id=str(run_id))


def import_balance_transactions(**_later_arguments: object) -> None:
    """Import what Stripe has moved since the last time, with some overlap."""
    since = reconciliation.newest_movement()
    movements = [
        reconciling.Movement(m.id, m.type, m.source, m.amount, m.fee, m.created)
        for m in stripe().iterate_balance_transactions(since - OVERLAP if since else None)
    ]
    commit(reconciling.import_movements, movements=movements)
