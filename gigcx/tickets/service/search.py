"""Search documents: a table of their own, because a row policy would keep its index unused."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db

_WRITE = sa.text("""
    INSERT INTO search_documents (brand_id, kind, id, tsv)
    SELECT t.brand_id, 'ticket', t.id,
           to_tsvector('simple', concat_ws(' ', t.subject, t.external_id,
               (SELECT string_agg(g.tag, ' ') FROM tags g
                 WHERE g.brand_id = t.brand_id AND g.ticket_id = t.id),
               (SELECT string_agg(m.masked_text, ' ') FROM messages m
                 WHERE m.brand_id = t.brand_id AND m.ticket_id = t.id AND NOT m.is_internal)))
      FROM tickets t WHERE t.brand_id = :brand_id AND t.id = ANY(:ticket_ids)
        ON CONFLICT (brand_id, kind, id) DO UPDATE SET tsv = excluded.tsv
""")


def index_tickets(_now: datetime, *, brand_id: UUID, ticket_ids: Sequence[UUID]) -> None:
    """Write each ticket's subject and thread, masked, to its search document."""
    db.session.execute(_WRITE, {"brand_id": brand_id, "ticket_ids": list(ticket_ids)})
