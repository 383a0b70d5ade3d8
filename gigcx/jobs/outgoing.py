"""Calls that nobody answers for any more: sent again while their key lives, then left to people."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from uuid import UUID

from gigcx.db import commit, now
from gigcx.jobs import funding, payouts
from gigcx.outgoing import queries
from gigcx.outgoing import service as outgoing

BATCH = 200
"""Calls that one sweep looks at."""

_SEND: Mapping[str, Callable[[UUID], None]] = MappingProxyType(
    {
        "account": lambda subject: payouts.create_account(account_id=str(subject)),
        "link": lambda subject: payouts.create_link(account_id=str(subject)),
        "transfer": lambda subject: payouts.send_transfer(line_id=str(subject)),
        "payout": lambda subject: payouts.send_payout(line_id=str(subject)),
        "reversal": lambda subject: payouts.reverse_transfer(line_id=str(subject)),
        "checkout": lambda subject: funding.open_checkout(funding_id=str(subject)),
    }
)


def sweep(**_later_arguments: object) -> None:
    """Send again what its sender left behind. The same key makes it the same call."""
    for call in queries.list_overdue(now(), limit=BATCH):
        if not commit(outgoing.expire_call, call_id=call.id):
            _SEND[call.kind](call.subject)
