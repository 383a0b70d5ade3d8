"""The register of incidents as one may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.desk.models import Incident, Routing
from gigcx.desk.rules import IncidentState
from gigcx.errors import NotFound
from gigcx.identity import queries as identity
from gigcx.matching.rules.danger import Danger
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal

DANGERS: Sequence[str] = tuple(Danger)
"""What somebody can flag."""


class IncidentNotFound(NotFound):
    """There is no such incident, or it is another brand's."""

    code = "desk/incident-not-found"
    title = "No such incident"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A mail about an incident, but for the address of its page."""

    emails: Sequence[str]
    subject: str
    text: str
    reference: str


def visible_to(who: Principal) -> sa.Select[Incident]:
    """R-desk-13: The brand's staff sees its incidents, and nobody else does."""
    incidents = sa.select(Incident)
    if who.has("system"):
        return incidents
    if who.has("owner", "lead", "agent"):
        return incidents.where(Incident.brand_id.in_(who.brand_ids))
    return incidents.where(sa.false())


def list_incidents(who: Principal, page: Page) -> Slice[Incident]:
    """Return the incidents that one may see, the latest first."""
    return read(
        visible_to(who),
        page,
        by=(Incident.opened_at, Incident.id),
        key=lambda incident: (incident.opened_at, incident.id),
    )


def find_routing(*, brand_id: UUID, ticket_id: UUID) -> Routing | None:
    """Return how a ticket was routed; None for one that is older than routing."""
    return db.session.get(Routing, (brand_id, ticket_id))


def count_unattended(who: Principal) -> int:
    """Return how many incidents nobody has taken on."""
    waiting = visible_to(who).where(Incident.state == IncidentState.OPEN).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(waiting)) or 0


def alarm_of(*, brand_id: UUID, incident_id: UUID) -> Alarm:
    """Return whom in the brand an incident alarms, and with what words."""
    incident = db.session.get_one(Incident, (brand_id, incident_id))
    dangers = ", ".join(danger.replace("_", " ") for danger in incident.dangers)
    return Alarm(
        identity.emails_of_role(brand_id=brand_id, roles=("owner", "lead")),
        f"Safety: {dangers}",
        f"A ticket speaks of {dangers}. It is out of the marketplace and waits for you.\n\n"
        f"Somebody is to take it on by {incident.due_at:%d %b %Y, %H:%M} UTC:\n$link\n",
        f"incident.{incident.id}.{len(incident.dangers)}",
    )
