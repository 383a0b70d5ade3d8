"""Balances, accounts, and what no constraint can say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.ledger.models import JournalEntry, LedgerAccount, Posting
from gigcx.ledger.rules import Account
from gigcx.money import Money
from gigcx.paging import Page, Slice, read
from gigcx.principal import NO_ONE_ID, Principal


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account with what it stands at."""

    kind: str
    owner_id: UUID | None
    balance: Money
    oldest_open_at: datetime | None
    """When its oldest posting was made, for an account that should return to zero."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something the ledger must never show."""

    fault: str
    subject: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry with its legs, for reading."""

    id: UUID
    kind: str
    reference: str
    posted_at: datetime
    legs: Sequence[tuple[str, UUID | None, Money]]


def visible_to(who: Principal) -> sa.Select[LedgerAccount]:
    """R-ledger-2: A party sees its own accounts; finance and our processes see all of them."""
    accounts = sa.select(LedgerAccount)
    if who.has("finance", "admin", "system"):
        return accounts
    if who.has("expert"):
        return accounts.where(LedgerAccount.expert_id == who.user_id)
    if who.has("owner", "lead", "analyst"):
        return accounts.where(LedgerAccount.brand_id.in_(who.brand_ids))
    return accounts.where(sa.false())


def get_balance(account: Account, *, owner_id: UUID | None, currency: str) -> Money:
    """Return what stands on an account; one that was never used stands at zero."""
    minor = db.session.scalar(
        sa.select(_balance_of(LedgerAccount)).where(
            LedgerAccount.kind == account,
            LedgerAccount.owner_id == (owner_id or NO_ONE_ID),
            LedgerAccount.currency == currency,
        )
    )
    return Money(minor or 0, currency)


def list_balances(account: Account, *, owner_id: UUID) -> Sequence[Money]:
    """Return an owner's balances of one kind, one for each currency."""
    rows = db.session.execute(
        sa.select(LedgerAccount.balance_minor, LedgerAccount.currency)
        .where(LedgerAccount.kind == account, LedgerAccount.owner_id == owner_id)
        .order_by(LedgerAccount.currency)
    )
    return [Money(row.balance_minor, row.currency) for row in rows]


def funds_of(brand_id: UUID) -> tuple[Sequence[Money], Sequence[Money]]:
    """Return what a brand has available and what its claims have reserved, by currency."""
    return (
        list_balances(Account.BRAND_AVAILABLE, owner_id=brand_id),
        list_balances(Account.BRAND_RESERVED, owner_id=brand_id),
    )


def list_accounts(who: Principal) -> Sequence[AccountBalance]:
    """Return the accounts that one may see, platform accounts first, with their balances."""
    seen = visible_to(who).subquery()
    account = sa.orm.aliased(LedgerAccount, seen)
    oldest = (
        sa.select(sa.func.min(Posting.posted_at))
        .where(Posting.account_id == account.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            account.kind,
            account.owner_id,
            account.currency,
            _balance_of(account).label("minor"),
            sa.case((account.balance_minor.is_(None), oldest)).label("oldest"),
        ).order_by(account.balance_minor.is_not(None), account.kind, account.owner_id)
    )
    return [
        AccountBalance(
            row.kind,
            row.owner_id if row.owner_id != NO_ONE_ID else None,
            Money(row.minor, row.currency),
            row.oldest if row.minor else None,
        )
        for row in rows
    ]


def list_entries(who: Principal, page: Page, *, reference: str | None = None) -> Slice[Entry]:
    """Return journal entries with the legs that one may see, the latest first."""
    seen = visible_to(who).with_only_columns(LedgerAccount.id)
    entries = sa.select(JournalEntry).where(
        JournalEntry.id.in_(sa.select(Posting.entry_id).where(Posting.account_id.in_(seen)))
    )
    if reference is not None:
        entries = entries.where(JournalEntry.reference.startswith(reference, autoescape=True))
    found = read(
        entries,
        page,
        by=(JournalEntry.posted_at, JournalEntry.id),
        key=lambda entry: (entry.posted_at, entry.id),
    )
    legs = db.session.execute(
        sa.select(Posting, LedgerAccount.kind, LedgerAccount.owner_id)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .where(Posting.entry_id.in_([entry.id for entry in found.items]))
        .where(LedgerAccount.id.in_(seen))
        .order_by(Posting.entry_id, Posting.leg)
    ).all()
    of: dict[UUID, list[tuple[str, UUID | None, Money]]] = {}
    for posting, kind, owner_id in legs:
        owner = owner_id if owner_id != NO_ONE_ID else None
        of.setdefault(posting.entry_id, []).append((kind, owner, posting.amount))
    return Slice(
        [Entry(e.id, e.kind, e.reference, e.posted_at, of.get(e.id, [])) for e in found.items],
        found.next_after,
    )


def sum_of(kind: str, account: Account) -> dict[str, int]:
    """Return currency → minor units that entries of one kind have put on an account."""
    rows = db.session.execute(
        sa.select(Posting.currency, sa.func.sum(Posting.amount_minor).label("minor"))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .where(JournalEntry.kind == kind, LedgerAccount.kind == account)
        .group_by(Posting.currency)
    )
    return {row.currency: int(row.minor) for row in rows}


def audit() -> Sequence[Fault]:
    """Return everything that is wrong with the ledger. Empty, or somebody is called."""
    rows = db.session.execute(sa.text("SELECT fault, subject FROM ledger_faults"))
    return [Fault(row.fault, row.subject) for row in rows]


def _balance_of(account: type[LedgerAccount]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(account.balance_minor, sa.func.ledger_balance(account.id))
