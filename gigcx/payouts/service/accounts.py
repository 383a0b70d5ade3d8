"""An expert's account at Stripe: opened when money is first available, kept in step by events."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from gigcx import outbox
from gigcx.db import db
from gigcx.errors import NotFound
from gigcx.identity import queries as identity
from gigcx.ids import new_id
from gigcx.outgoing import queries as calls
from gigcx.outgoing import service as outgoing
from gigcx.outgoing.rules import CallKind, CallState, Outcome
from gigcx.payouts import rules
from gigcx.payouts.models import PayoutAccount
from gigcx.payouts.rules import AccountState
from gigcx.principal import Principal

LINK_LASTS = timedelta(minutes=5)
"""An account link of Stripe is used once and soon."""


class AccountNotFound(NotFound):
    """The expert has no payout account."""

    code = "payouts/account-not-found"
    title = "No payout account"


@dataclass(frozen=True, slots=True)
class AccountOrder:
    """An account to be created at Stripe."""

    call_id: UUID
    key: str
    account_id: UUID
    expert_id: UUID
    email: str
    country: str


@dataclass(frozen=True, slots=True)
class LinkOrder:
    """A link to be made, on which the expert answers Stripe's questions."""

    key: str
    account_id: UUID
    stripe_account: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What Stripe says of an account now."""

    stripe_account: str
    has_transfers: bool
    is_paid_out: bool
    due: tuple[str, ...]
    disabled_reason: str | None
    fingerprint: str | None


def open_account(now: datetime, *, who: Principal, country: str) -> PayoutAccount:
    """Ask for a payout account, or for a fresh link to the one that is not finished.

    The account and its link are made by jobs; reading the account again shows the link.
    """
    account = db.session.scalars(
        sa.select(PayoutAccount).where(PayoutAccount.expert_id == who.user_id, _is_live())
    ).one_or_none()
    if account is None:
        account = PayoutAccount(
            id=new_id(),
            expert_id=who.user_id,
            state=AccountState.NONE,
            country=country,
            requirement="",
            created_at=now,
        )
        db.session.add(account)
        db.session.flush()
    if account.state == AccountState.NONE:
        outbox.put(now, "payouts.create_account", account_id=str(account.id))
    elif account.state != AccountState.ACTIVE:
        outbox.put(now, "payouts.create_link", account_id=str(account.id))
    return account


def claim_account(now: datetime, *, account_id: UUID) -> AccountOrder | None:
    """Return the account that this process alone is to create now, or None."""
    account = _lock(account_id)
    if account.state != AccountState.NONE:
        return None
    person = identity.get_user(account.expert_id)
    if calls.find_call(CallKind.ACCOUNT, account_id) is None:
        outgoing.intend(
            now,
            kind=CallKind.ACCOUNT,
            subject_id=account_id,
            request={"email": person.email, "country": account.country},
        )
    call = outgoing.claim_call(now, kind=CallKind.ACCOUNT, subject_id=account_id)
    if call is None:
        return None
    return AccountOrder(
        call.id,
        call.key,
        account_id,
        account.expert_id,
        call.request["email"],
        call.request["country"],
    )


def record_account(now: datetime, *, account_id: UUID, outcome: Outcome) -> None:
    """Store the account's id at Stripe and ask for its link."""
    account = _lock(account_id)
    call = outgoing.record_outcome(
        now, kind=CallKind.ACCOUNT, subject_id=account_id, outcome=outcome
    )
    if call is None or outcome.state is not CallState.SUCCEEDED:
        return
    account.state = AccountState.CREATED
    account.stripe_account = outcome.stripe_id
    outbox.put(now, "payouts.create_link", account_id=str(account_id))


def claim_link(now: datetime, *, account_id: UUID) -> LinkOrder | None:
    """Return the link that this process alone is to make now, or None if one is good still."""
    account = _lock(account_id)
    if account.stripe_account is None or (account.link_until and account.link_until > now):
        return None
    latest = calls.find_call(CallKind.LINK, account_id)
    if latest is None or latest.state in {CallState.SUCCEEDED, CallState.FAILED}:
        outgoing.intend(
            now,
            kind=CallKind.LINK,
            subject_id=account_id,
            request={"account": account.stripe_account},
        )
    call = outgoing.claim_call(now, kind=CallKind.LINK, subject_id=account_id)
    if call is None:
        return None
    return LinkOrder(call.key, account_id, account.stripe_account)


def record_link(now: datetime, *, account_id: UUID, outcome: Outcome) -> None:
    """Store the link for the expert to follow."""
    account = _lock(account_id)
    call = outgoing.record_outcome(now, kind=CallKind.LINK, subject_id=account_id, outcome=outcome)
    if call is None or outcome.state is not CallState.SUCCEEDED:
        return
    if account.state == AccountState.CREATED:
        account.state = AccountState.ONBOARDING
    account.link_url = outcome.url
    account.link_until = now + LINK_LASTS


def apply_account(now: datetime, *, facts: AccountFacts) -> AccountState | None:
    """Bring an account in step with what Stripe says, and return its state if it is ours.

    A changed bank account starts the cool-off; before any was known there is none.
    """
    account = db.session.scalars(
        sa.select(PayoutAccount)
        .where(PayoutAccount.stripe_account == facts.stripe_account)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if account is None:
        return None
    wanted = rules.account_state_of(
        has_transfers=facts.has_transfers,
        is_paid_out=facts.is_paid_out,
        due=len(facts.due),
        disabled_reason=facts.disabled_reason,
    )
    state = AccountState(account.state)
    if state is not wanted and wanted in rules.ACCOUNT_NEXT[state]:
        account.state = wanted
        outbox.put(
            now,
            "payouts.account_changed",
            account_id=str(account.id),
            expert_id=str(account.expert_id),
            state=wanted,
        )
    account.requirement = ", ".join(facts.due)
    if facts.fingerprint is not None and facts.fingerprint != account.fingerprint:
        if account.fingerprint is not None:
            account.cooldown_until = now + rules.COOLDOWN
        account.fingerprint = facts.fingerprint
    if account.state == AccountState.ACTIVE:
        account.link_url = None
    db.session.flush()
    return AccountState(account.state)


def _lock(account_id: UUID) -> PayoutAccount:
    account = db.session.scalars(
        sa.select(PayoutAccount)
        .where(PayoutAccount.id == account_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if account is None:
        raise AccountNotFound("There is no such payout account.")
    return account


def _is_live() -> sa.ColumnElement[bool]:
    return PayoutAccount.state.not_in(
        [AccountState.DISABLED, AccountState.REJECTED, AccountState.CLOSED]
    )
