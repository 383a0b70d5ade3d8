"""Who did what, when and why. Rows are written with the change and linked afterwards."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from gigcx import principal
from gigcx.db import Base, db
from gigcx.ids import new_id
from gigcx.paging import Page, Slice, read


class AuditRow(Base):
    """One thing that somebody did."""

    __tablename__ = "audit_rows"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    brand_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject: Mapped[str]
    purpose: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]


def note(
    now: datetime, action: str, *, subject: str, brand_id: UUID | None = None, **data: object
) -> None:
    """Write down that whoever is asking did ``action`` to ``subject``."""
    who = principal.current()
    db.session.execute(
        sa.insert(AuditRow).values(
            id=new_id(),
            brand_id=brand_id,
            actor_id=who.user_id,
            action=action,
            subject=subject,
            purpose=who.purpose or None,
            data=data,
            at=now,
        )
    )


def list_rows(page: Page, *, subject: str | None = None) -> Slice[AuditRow]:
    """Return what was done, the latest first, as row-level security lets one see it."""
    rows = sa.select(AuditRow)
    if subject is not None:
        rows = rows.where(AuditRow.subject == subject)
    return read(rows, page, by=(AuditRow.at, AuditRow.id), key=lambda row: (row.at, row.id))


def link(_now: datetime, *, limit: int) -> int:
    """Link rows to the chain, in one place at a time, and return the number of the last one."""
    return int(db.session.execute(sa.select(sa.func.audit_link(limit))).scalar_one())


def find_breaks() -> list[int]:
    """Return the numbers at which the chain does not hold. Empty, or somebody is called."""
    return list(db.session.scalars(sa.text("SELECT seq FROM audit_breaks")))


def head() -> str:
    """Return the last link as ``SEQ:HASH``; ``0:`` if there is none."""
    last = db.session.execute(
        sa.text("SELECT seq, encode(sha256, 'hex') FROM audit_links ORDER BY seq DESC LIMIT 1")
    ).one_or_none()
    return "0:" if last is None else f"{last[0]}:{last[1]}"


def holds(seq: int, sha256: str) -> bool:
    """Say whether the link of this number is still the one that it was.

    :param sha256: in hex.
    """
    found = db.session.scalar(
        sa.text("SELECT encode(sha256, 'hex') FROM audit_links WHERE seq = :seq"), {"seq": seq}
    )
    return bool(found == sha256)
