"""The register of incidents: danger that a ticket speaks of, looked into by a named person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx import audit, outbox
from gigcx.db import db
from gigcx.desk import rules
from gigcx.desk.models import Incident
from gigcx.desk.queries import incidents as queries
from gigcx.desk.queries import tickets as views
from gigcx.desk.rules import ClaimEnd, IncidentState
from gigcx.desk.service import leases
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.principal import Principal
from gigcx.tickets.rules import Route, TicketState
from gigcx.tickets.service import tickets


class IncidentInWrongState(Conflict):
    """The incident's state does not allow this move."""

    code = "desk/incident-in-wrong-state"
    title = "The incident is in another state"


def open_incident(
    now: datetime,
    *,
    brand_id: UUID,
    ticket_id: UUID,
    dangers: Sequence[str],
    evidence: str,
    flagged_by: UUID | None = None,
) -> Incident:
    """Enter a ticket into the register and alarm the brand; a second danger joins the first.

    :param evidence: the words that show it.
    """
    incident = db.session.scalars(
        sa.select(Incident)
        .where(Incident.brand_id == brand_id, Incident.ticket_id == ticket_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if incident is None:
        incident = Incident(
            brand_id=brand_id,
            id=new_id(),
            ticket_id=ticket_id,
            dangers=sorted(set(dangers)),
            evidence=evidence,
            flagged_by=flagged_by,
            state=IncidentState.OPEN,
            conclusion="",
            opened_at=now,
            due_at=now + rules.INCIDENT_DUE,
        )
        db.session.add(incident)
    else:
        incident.dangers = sorted({*incident.dangers, *dangers})
        incident.evidence = f"{incident.evidence}; {evidence}"
        if incident.state == IncidentState.CLOSED:
            incident.state, incident.closed_at = IncidentState.INVESTIGATING, None
    db.session.flush()
    outbox.put(now, "desk.incident_opened", brand_id=brand_id, incident_id=str(incident.id))
    return incident


def flag_ticket(
    now: datetime, *, who: Principal, ticket_id: UUID, danger: str, evidence: str
) -> Incident:
    """Take a ticket out because somebody sees danger that the rules did not.

    Who holds it holds it no longer; an expert's reservation goes back to the brand.

    :raises TicketNotFound: if it is not this person's to see.
    :raises StaleFence: if an expert flags what they do not hold.
    :raises WrongState: if it is merged into another.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    claim = leases.find_active_claim(brand_id=ticket.brand_id, ticket_id=ticket_id)
    if who.has("expert") and (claim is None or claim.claimant_id != who.user_id):
        raise leases.StaleFence("Only who holds the ticket can flag it.")
    if claim is not None:
        leases.end_claim(now, claim=claim, reason=ClaimEnd.HANDED_BACK)
    is_answered = ticket.state in {TicketState.RESOLVED, TicketState.CLOSED}
    state = TicketState(ticket.state) if is_answered else TicketState.OPEN
    tickets.move_ticket(ticket, state, route=Route.SAFETY, escalated_at=now)
    tickets.note_event(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket.id,
        kind="flagged",
        actor_id=who.user_id,
        detail=danger,
    )
    incident = open_incident(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket_id,
        dangers=[danger],
        evidence=evidence,
        flagged_by=who.user_id,
    )
    outbox.put(now, "desk.ticket_changed", brand_id=ticket.brand_id, ticket_id=str(ticket_id))
    if claim is not None:
        leases.return_reservation(now, claim=claim)
    return incident


def investigate_incident(now: datetime, *, who: Principal, incident_id: UUID) -> Incident:
    """Take an incident on, in one's own name.

    :raises IncidentNotFound: if it is not this person's to see.
    :raises IncidentInWrongState: if somebody has taken it on.
    """
    incident = _lock(who=who, incident_id=incident_id, wanted=IncidentState.INVESTIGATING)
    incident.owner_id, incident.closed_at = who.user_id, None
    incident.state = IncidentState.INVESTIGATING
    return _kept(now, incident=incident, action="desk.incident_taken_on")


def close_incident(
    now: datetime, *, who: Principal, incident_id: UUID, conclusion: str
) -> Incident:
    """Close an incident with what was found and done.

    :raises IncidentNotFound: if it is not this person's to see.
    :raises IncidentInWrongState: if nobody has looked into it.
    """
    incident = _lock(who=who, incident_id=incident_id, wanted=IncidentState.CLOSED)
    incident.state, incident.closed_at = IncidentState.CLOSED, now
    incident.conclusion = conclusion
    return _kept(now, incident=incident, action="desk.incident_closed")


def _lock(*, who: Principal, incident_id: UUID, wanted: IncidentState) -> Incident:
    incident = db.session.scalars(
        queries.visible_to(who)
        .where(Incident.id == incident_id)
        .with_for_update(key_share=True, of=Incident)
    ).one_or_none()
    if incident is None:
        raise queries.IncidentNotFound("There is no such incident.")
    if not rules.incident_may_become(IncidentState(incident.state), wanted):
        raise IncidentInWrongState(f"It is {incident.state}.", state=incident.state)
    return incident


def _kept(now: datetime, *, incident: Incident, action: str) -> Incident:
    audit.note(
        now,
        action,
        subject=f"incident:{incident.id}",
        brand_id=incident.brand_id,
        state=incident.state,
    )
    db.session.flush()
    return incident
