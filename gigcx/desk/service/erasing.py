"""Words around tickets that the desk keeps are forgotten with the ticket's own."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.desk.models import ActionRequest, Incident
from gigcx.tickets.service.erasing import ERASED


def erase_words(_now: datetime, *, brand_id: UUID, ticket_ids: Sequence[UUID]) -> None:
    """Erase what incidents and requests quote; that there was one stays."""
    for statement in (
        sa.update(Incident)
        .where(Incident.brand_id == brand_id, Incident.ticket_id.in_(ticket_ids))
        .values(evidence=ERASED),
        sa.update(ActionRequest)
        .where(ActionRequest.brand_id == brand_id, ActionRequest.ticket_id.in_(ticket_ids))
        .values(detail=ERASED),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})
