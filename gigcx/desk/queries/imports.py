"""Imports as a brand may see them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from gigcx.catalog import queries as catalog
from gigcx.db import db
from gigcx.desk.models import Import, ImportRefusal
from gigcx.errors import NotFound
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal
from gigcx.tickets.models import Ticket
from gigcx.tickets.rules import TicketState


class ImportNotFound(NotFound):
    """There is no such import, or it is another brand's."""

    code = "desk/import-not-found"
    title = "No such import"


def visible_to(who: Principal) -> sa.Select[Import]:
    """R-desk-9: A brand's staff sees its imports."""
    imports = sa.select(Import)
    if who.has("system"):
        return imports
    if who.has("owner", "lead", "agent", "analyst"):
        return imports.where(Import.brand_id.in_(who.brand_ids))
    return imports.where(sa.false())


def list_imports(who: Principal, page: Page) -> Slice[Import]:
    """Return the imports that one may see, the latest first."""
    return read(
        visible_to(who),
        page,
        by=(Import.created_at, Import.id),
        key=lambda found: (found.created_at, found.id),
    )


def get_import(who: Principal, import_id: UUID) -> Import:
    """Return one import with its counts.

    :raises ImportNotFound: if it is not this person's to see.
    """
    found = db.session.scalars(visible_to(who).where(Import.id == import_id)).one_or_none()
    if found is None:
        raise ImportNotFound("There is no such import.")
    return found


def list_refusals(who: Principal, import_id: UUID, page: Page) -> Slice[ImportRefusal]:
    """Return the refused lines of an import, the last first.

    :raises ImportNotFound: if it is not this person's to see.
    """
    found = get_import(who, import_id)
    return read(
        sa.select(ImportRefusal).where(
            ImportRefusal.brand_id == found.brand_id, ImportRefusal.import_id == import_id
        ),
        page,
        by=(ImportRefusal.line_number,),
        key=lambda refusal: (refusal.line_number,),
    )


def certified_experts(brand_id: UUID) -> Sequence[tuple[str, int, int]]:
    """Return (topic, open tickets, experts certified for it), the topics without experts first."""
    waiting: Mapping[UUID, int] = dict(
        db.session.execute(
            sa.select(Ticket.topic_id, sa.func.count())
            .where(Ticket.brand_id == brand_id, Ticket.state == TicketState.OPEN)
            .group_by(Ticket.topic_id)
        ).all()
    )
    certified = catalog.certified_counts(brand_id)
    names = catalog.names_of(brand_id, list(waiting))
    return sorted(
        ((names[topic], count, certified.get(topic, 0)) for topic, count in waiting.items()),
        key=lambda row: (row[2], -row[1], row[0]),
    )
