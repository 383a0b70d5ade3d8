"""Payments as one may see them."""

from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.errors import NotFound
from gigcx.funding.models import Funding
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal


class FundingNotFound(NotFound):
    """There is no such payment, or it is another brand's."""

    code = "funding/funding-not-found"
    title = "No such funding"


def visible_to(who: Principal) -> sa.Select[Funding]:
    """R-funding-2: A brand's owner, lead and analyst see its payments, finance those of all."""
    fundings = sa.select(Funding)
    if who.has("finance", "system"):
        return fundings
    if who.has("owner", "lead", "analyst"):
        return fundings.where(Funding.brand_id.in_(who.brand_ids))
    return fundings.where(sa.false())


def list_fundings(who: Principal, page: Page) -> Slice[Funding]:
    """Return the payments that one may see, the latest first."""
    return read(
        visible_to(who),
        page,
        by=(Funding.created_at, Funding.id),
        key=lambda funding: (funding.created_at, funding.id),
    )


def get_funding(who: Principal, funding_id: UUID) -> Funding:
    """Return one payment.

    :raises FundingNotFound: if it is not this person's to see.
    """
    funding = db.session.scalars(visible_to(who).where(Funding.id == funding_id)).one_or_none()
    if funding is None:
        raise FundingNotFound("There is no such funding.")
    return funding
