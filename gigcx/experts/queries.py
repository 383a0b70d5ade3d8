"""Experts as one may see them."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.errors import NotFound
from gigcx.experts.models import Application, Expert
from gigcx.identity import queries as identity
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal


class ExpertNotFound(NotFound):
    """There is no such expert, or they are not this person's to see."""

    code = "experts/expert-not-found"
    title = "No such expert"


@dataclass(frozen=True, slots=True)
class ExpertView:
    """An expert of a brand as lists show them."""

    id: UUID
    name: str
    state: str
    standing: str
    languages: tuple[str, ...]
    country: str
    badge: str


def visible_to(who: Principal) -> sa.Select[Application]:
    """R-experts-2: A brand's staff see who applied to it, experts their own applications."""
    applications = sa.select(Application)
    if who.has("system"):
        return applications
    applications = applications.where(Application.brand_id.in_(who.brand_ids))
    if who.has("owner", "lead", "agent", "analyst"):
        return applications
    return applications.where(Application.expert_id == who.user_id)


def list_experts(who: Principal, page: Page) -> Slice[ExpertView]:
    """Return a brand's experts, the latest first."""
    found = read(
        visible_to(who),
        page,
        by=(Application.applied_at, Application.id),
        key=lambda application: (application.applied_at, application.id),
    )
    ids = [application.expert_id for application in found.items]
    names = identity.names_of(ids)
    facts = {
        expert.id: expert
        for expert in db.session.scalars(sa.select(Expert).where(Expert.id.in_(ids)))
    }
    return Slice(
        [
            ExpertView(
                application.expert_id,
                names[application.expert_id],
                application.state,
                facts[application.expert_id].standing,
                tuple(facts[application.expert_id].languages),
                facts[application.expert_id].country,
                application.badge,
            )
            for application in found.items
        ],
        found.next_after,
    )


def get_expert(who: Principal, expert_id: UUID) -> Expert:
    """Return one expert.

    :raises ExpertNotFound: if they are not this person's to see.
    """
    is_theirs = db.session.scalar(
        sa.select(visible_to(who).where(Application.expert_id == expert_id).exists())
    )
    expert = db.session.get(Expert, expert_id)
    if expert is None or not (is_theirs or who.user_id == expert_id):
        raise ExpertNotFound("There is no such expert.")
    return expert
