"""Imports: a file of tickets, customers or orders, read in batches that can be stopped anywhere."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gigcx import outbox
from gigcx.db import db
from gigcx.desk.models import Import, ImportChunk, ImportRefusal
from gigcx.desk.queries.imports import ImportNotFound
from gigcx.desk.rules import ImportState
from gigcx.desk.service import import_lines
from gigcx.desk.service.import_lines import Refused
from gigcx.desk.service.records import Record, header_of, read_records
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.principal import Principal

CHUNK = 256 * 1024
"""Bytes of a file that are stored in one row."""
BATCH = 200
"""Records that one transaction takes in."""
BYTES_MAX = 64 * 1024 * 1024
"""Bytes of a file."""


class FileNotUsable(Conflict):
    """The file as a whole cannot be imported."""

    code = "desk/file-not-usable"
    title = "This file cannot be imported"


@dataclass
class _Tally:
    """What became of the records of one batch."""

    lines: int
    accepted: int = 0
    known: int = 0
    refused: int = 0

    def add(self, found: Import, record: Record, taker: import_lines.Taker) -> None:
        """Take a record in, or write down why not."""
        self.lines += 1
        field, reason = "", record.problem
        if record.fields is not None:
            try:
                is_new = taker(record.fields)
            except Refused as refusal:
                field, reason = refusal.field, refusal.reason
            else:
                self.accepted += is_new
                self.known += not is_new
                return
        self.refused += 1
        db.session.execute(
            sa.insert(ImportRefusal).values(
                brand_id=found.brand_id,
                import_id=found.id,
                line_number=self.lines,
                field=field,
                reason=reason,
            )
        )


def start_import(
    now: datetime,
    *,
    who: Principal,
    kind: str,
    file_name: str,
    content: bytes,
    queue_id: UUID | None = None,
    options: Mapping[str, Any] | None = None,
) -> Import:
    """Store a file and let a job read it. The same file again goes on where it was.

    :param kind: tickets, customers or orders.
    :param queue_id: where tickets go; without one they go to a queue named by the file.
    :raises FileNotUsable: if it is empty, too large or lacks columns, naming them.
    """
    brand_id = who.brand_ids[0]
    columns = _check(kind, content)
    sha256 = hashlib.sha256(content).digest()
    stored = _find_same(brand_id, kind, sha256, queue_id) or _store(
        now,
        Import(
            brand_id=brand_id,
            id=new_id(),
            kind=kind,
            queue_id=queue_id,
            file_name=file_name,
            file_sha256=sha256,
            options={**(options or {}), "columns": columns},
            state=ImportState.RECEIVED,
            created_by=who.user_id,
            created_at=now,
            bytes_total=len(content),
            bytes_done=0,
            lines_done=0,
            accepted=0,
            known=0,
            refused=0,
        ),
        content,
    )
    if stored.state == ImportState.STOPPED:
        stored.state = ImportState.RUNNING
    outbox.put(now, "desk.run_import", brand_id=brand_id, import_id=str(stored.id))
    return stored


def read_batch(now: datetime, *, brand_id: UUID, import_id: UUID) -> Import:
    """Take in the next records of an import. It is finished when its state says so.

    Each batch is one transaction with its progress, so a process killed between two of them
    loses nothing and repeats nothing.
    """
    found = _lock(brand_id, import_id)
    if found.state == ImportState.RECEIVED:
        found.state = ImportState.RUNNING
        db.session.flush()
    if not found.is_running:
        return found
    columns = found.options["columns"]
    records = list(
        islice(
            read_records(_chunks(found), start=found.bytes_done, columns=columns),
            BATCH,
        )
    )
    taker = import_lines.taker_of(now, found)
    is_header = columns is not None and found.bytes_done == 0
    # The counts must add up whenever they are written: they are set together, after the batch.
    tally = _Tally(found.lines_done)
    for record in records[1:] if is_header else records:
        if record.fields != {}:
            tally.add(found, record, taker)
    found.lines_done = tally.lines
    found.accepted += tally.accepted
    found.known += tally.known
    found.refused += tally.refused
    if records:
        found.bytes_done = records[-1].end
    if len(records) < BATCH:
        found.state = ImportState.FINISHED
        found.finished_at = now
        db.session.execute(
            sa.delete(ImportChunk)
            .where(ImportChunk.brand_id == brand_id, ImportChunk.import_id == import_id)
            .execution_options(synchronize_session=False)
        )
    db.session.flush()
    return found


def stop_import(now: datetime, *, who: Principal, import_id: UUID) -> Import:
    """Stop an import between two batches; giving the same file again goes on with it."""
    found = _lock(who.brand_ids[0], import_id)
    if found.state == ImportState.RUNNING:
        found.state = ImportState.STOPPED
        db.session.flush()
    return found


def _check(kind: str, content: bytes) -> list[str] | None:
    """Return the columns of a file that can be read, or None if it is JSON lines."""
    if not content.strip():
        raise FileNotUsable("The file is empty.")
    if len(content) > BYTES_MAX:
        raise FileNotUsable(f"The file is larger than {BYTES_MAX // 2**20} MB. Split it.")
    columns = header_of(content[:CHUNK])
    missing = import_lines.missing_columns(kind, columns)
    if missing:
        raise FileNotUsable(
            f"The file has no column {', '.join(missing)}. Its columns are"
            f" {', '.join(columns or [])}."
        )
    return columns


def _find_same(brand_id: UUID, kind: str, sha256: bytes, queue_id: UUID | None) -> Import | None:
    """Return the import of the same file that has not come to its end."""
    return db.session.scalars(
        sa.select(Import).where(
            Import.brand_id == brand_id,
            Import.kind == kind,
            Import.file_sha256 == sha256,
            Import.queue_id.is_not_distinct_from(queue_id),
            Import.state.in_([ImportState.RECEIVED, ImportState.RUNNING, ImportState.STOPPED]),
        )
    ).first()


def _store(now: datetime, stored: Import, content: bytes) -> Import:
    db.session.add(stored)
    db.session.flush()
    db.session.execute(
        sa.insert(ImportChunk),
        [
            {
                "brand_id": stored.brand_id,
                "import_id": stored.id,
                "n": n,
                "content": content[at : at + CHUNK],
            }
            for n, at in enumerate(range(0, len(content), CHUNK))
        ],
    )
    return stored


def _chunks(found: Import) -> Iterator[bytes]:
    """Yield the file's bytes from where the import stands, one stored chunk at a time."""
    first, skipped = divmod(found.bytes_done, CHUNK)
    for n in range(first, -(-found.bytes_total // CHUNK)):
        content = db.session.scalar(
            sa.select(ImportChunk.content).where(
                ImportChunk.brand_id == found.brand_id,
                ImportChunk.import_id == found.id,
                ImportChunk.n == n,
            )
        )
        yield (content or b"")[skipped if n == first else 0 :]


def _lock(brand_id: UUID, import_id: UUID) -> Import:
    found = db.session.scalars(
        sa.select(Import)
        .where(Import.brand_id == brand_id, Import.id == import_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise ImportNotFound("There is no such import.")
    return found
