"""Jobs of what is owed: released by date, taken back when a ticket is reopened."""

from uuid import UUID

from gigcx.db import commit, now
from gigcx.earnings import queries
from gigcx.earnings import service as earnings

BATCH = 500
"""Earnings that one sweep looks at before it looks again."""


def release_due(**_later_arguments: object) -> None:
    """Make available every earning whose date has come."""
    while due := queries.list_releasable(now().date(), limit=BATCH):
        for brand_id, earning_id in due:
            commit(earnings.release_earning, brand_id=brand_id, earning_id=earning_id)


def claw_back(*, brand_id: str, resolution_id: str, **_later_arguments: object) -> None:
    """Take back what a reopened resolution has earned, while it is pending."""
    earning = queries.find_earning_of(brand_id=UUID(brand_id), resolution_id=UUID(resolution_id))
    if earning is not None:
        commit(earnings.claw_back, brand_id=earning.brand_id, earning_id=earning.id)
