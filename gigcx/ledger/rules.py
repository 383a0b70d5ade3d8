"""Accounts, kinds of entries and how an amount moves, as pure values."""

import enum
from dataclasses import dataclass
from uuid import UUID

from gigcx.money import Money


class Account(enum.StrEnum):
    """Kinds of accounts. Credit-positive: what we owe somebody is above zero."""

    BRAND_AVAILABLE = "brand_available"
    BRAND_RESERVED = "brand_reserved"
    BRAND_RECEIVABLE = "brand_receivable"
    EXPERT_PENDING = "expert_pending"
    EXPERT_PAYABLE = "expert_payable"
    EXPERT_RECEIVABLE = "expert_receivable"
    PAYOUTS_IN_TRANSIT = "payouts_in_transit"
    PLATFORM_FEE = "platform_fee"
    STRIPE_CLEARING = "stripe_clearing"
    STRIPE_FEES = "stripe_fees"
    WRITE_OFF = "write_off"


class JournalKind(enum.StrEnum):
    """What may move money. The database knows which accounts and roles each kind allows."""

    FUNDING_SUCCEEDED = "funding_succeeded"
    FUNDING_REFUNDED = "funding_refunded"
    FUNDING_DISPUTED = "funding_disputed"
    DISPUTE_WON = "dispute_won"
    CLAIM_RESERVED = "claim_reserved"
    CLAIM_RETURNED = "claim_returned"
    RESOLUTION_SETTLED = "resolution_settled"
    EXTRA_GRANTED = "extra_granted"
    EARNING_RELEASED = "earning_released"
    TRANSFER_INTENDED = "transfer_intended"
    TRANSFER_SUCCEEDED = "transfer_succeeded"
    TRANSFER_FAILED = "transfer_failed"
    TRANSFER_REVERSED = "transfer_reversed"
    CLAWED_BACK = "clawed_back"
    RECEIVABLE_NETTED = "receivable_netted"
    RECEIVABLE_WRITTEN_OFF = "receivable_written_off"
    STRIPE_FEE_CHARGED = "stripe_fee_charged"
    REVERSAL = "reversal"


Holder = tuple[Account, UUID | None]
"""An account kind and who it belongs to; the platform's accounts belong to nobody."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One posting of an entry: this much more, or less, is owed on this account."""

    account: Account
    owner_id: UUID | None
    amount: Money


def move(amount: Money, *, out_of: Holder, into: Holder) -> list[Leg]:
    """R-ledger-1: What leaves one account arrives whole on another; nothing moves for nothing."""
    if not amount:
        return []
    return [Leg(*out_of, -amount), Leg(*into, amount)]
