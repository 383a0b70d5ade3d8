"""Imports: a file of tickets, customers or orders, read in batches that can be stopped anywhere."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from typing import Any, BinaryIO
from uuid import UUID

import sqlalchemy as sa

from gigcx import bulk, outbox
from gigcx.db import db
from gigcx.desk.models import Import, ImportChunk, ImportRefusal
from gigcx.desk.queries.imports import ImportNotFound, get_import
from gigcx.desk.rules import ImportState
from gigcx.desk.service import import_fields, import_lines
from gigcx.desk.service.import_fields import Refused
from gigcx.desk.service.records import Record, header_of, read_records
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.principal import Principal

CHUNK = 256 * 1024
"""Bytes of a file that are stored in one row."""
BATCH = 1000
BATCH_BYTES = 4 * 1024 * 1024
"""Records that one transaction takes in, and their bytes."""
BYTES_MAX = 1024 * 1024 * 1024
"""Bytes of a file."""
FILE_NAME_MAX = 300
LOOKED_AT = 20
"""Records that a preview looks at."""
SAMPLES = 5
"""Records that it shows."""


class FileNotUsable(Conflict):
    """The file as a whole cannot be imported."""

    code = "desk/file-not-usable"
    title = "This file cannot be imported"


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would read, before it does."""

    columns: Sequence[str]
    """The file's."""
    mapping: Mapping[str, str]
    """Our field → the file's column."""
    samples: Sequence[Mapping[str, Any]]
    """The first records under our names."""
    missing: Sequence[str]
    """Fields that this kind of file needs and that no column stands for."""


def start_import(
    now: datetime,
    *,
    who: Principal,
    kind: str,
    file_name: str,
    content: BinaryIO,
    queue_id: UUID | None = None,
    options: Mapping[str, Any] | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Import:
    """Store a file and let a job read it. The same file again goes on where it was.

    :param kind: tickets, customers, orders or contacts.
    :param queue_id: where tickets go; without one they go to a queue named by the file.
    :param mapping: our field → the file's column; what is left out is found by its name.
    :raises FileNotUsable: if it is empty, too large or lacks columns, naming them.
    """
    stored = receive_file(
        now,
        who=who,
        kind=kind,
        file_name=file_name,
        content=content,
        queue_id=queue_id,
        options=options,
    )
    return begin_import(now, who=who, import_id=stored.id, mapping=mapping)


def receive_file(
    now: datetime,
    *,
    who: Principal,
    kind: str,
    file_name: str,
    content: BinaryIO,
    queue_id: UUID | None = None,
    options: Mapping[str, Any] | None = None,
) -> Import:
    """Store a file, so that it can be looked at before it is read.

    :raises FileNotUsable: if it is empty or too large.
    """
    brand_id = who.brand_ids[0]
    size, sha256 = _measure(content)
    known = _find_same(brand_id, kind, sha256, queue_id)
    if known is not None:
        return known
    first = content.read(CHUNK)
    content.seek(0)
    if not first.strip():
        raise FileNotUsable("The file is empty.")
    if b"\x00" in first:
        raise FileNotUsable("The file is no text. Send CSV or JSON lines in UTF-8.")
    try:
        columns = header_of(first)
    except ValueError as error:
        raise FileNotUsable(f"The first line is no header of a CSV file: {error}.") from None
    return _store(
        now,
        Import(
            brand_id=brand_id,
            id=new_id(),
            kind=kind,
            queue_id=queue_id,
            file_name=file_name.replace("\x00", "")[:FILE_NAME_MAX],
            file_sha256=sha256,
            options={**(options or {}), "columns": columns},
            state=ImportState.RECEIVED,
            created_by=who.user_id,
            created_at=now,
            bytes_total=size,
            bytes_done=0,
            lines_done=0,
            accepted=0,
            known=0,
            refused=0,
        ),
        content,
    )


def preview_import(who: Principal, import_id: UUID) -> Preview:
    """Show how a file that has not been read would be.

    :raises ImportNotFound: if it is not this person's to see.
    """
    found = get_import(who, import_id)
    records = _first_records(found)
    columns = found.options["columns"] or import_fields.columns_of(records)
    mapping = found.options.get("mapping") or _guess(found.kind, columns)
    return Preview(
        columns,
        mapping,
        [import_fields.renamed(record, mapping) for record in records[:SAMPLES]],
        import_lines.missing_columns(found.kind, mapping),
    )


def begin_import(
    now: datetime, *, who: Principal, import_id: UUID, mapping: Mapping[str, str] | None = None
) -> Import:
    """Let a job read a stored file. One that was stopped goes on where it was.

    :param mapping: our field → the file's column; what is left out is found by its name.
    :raises FileNotUsable: if a field that is needed has no column, or a column is not there.
    """
    found = _lock(who.brand_ids[0], import_id)
    if found.state == ImportState.STOPPED:
        found.state = ImportState.RUNNING
    elif found.state == ImportState.RECEIVED:
        found.options = {**found.options, "mapping": _mapping(found, mapping or {})}
    db.session.flush()
    outbox.put(now, "desk.run_import", brand_id=found.brand_id, import_id=str(found.id))
    return found


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
    read = _batch(read_records(_chunks(found), start=found.bytes_done, columns=columns))
    is_header = columns is not None and found.bytes_done == 0
    _take(now, found, [record for record in read[is_header:] if record.fields != {}])
    if read:
        found.bytes_done = read[-1].end
    else:
        found.bytes_done = found.bytes_total
    if found.bytes_done >= found.bytes_total:
        found.state = ImportState.FINISHED
        found.finished_at = now
        _forget_chunks(found)
    db.session.flush()
    return found


def _batch(records: Iterator[Record]) -> list[Record]:
    """Return the next records, as many as one transaction takes."""
    batch: list[Record] = []
    for record in islice(records, BATCH):
        batch.append(record)
        if record.end - batch[0].end > BATCH_BYTES:
            break
    return batch


def _take(now: datetime, found: Import, records: Sequence[Record]) -> None:
    """Take records in, write down those that are refused, and count all."""
    whole = [record.fields for record in records if record.fields is not None]
    outcomes = iter(import_lines.take_records(now, found, whole))
    refused = []
    counted: Counter[bool] = Counter()
    for line, record in enumerate(records, found.lines_done + 1):
        outcome = Refused("", record.problem) if record.fields is None else next(outcomes)
        if isinstance(outcome, bool):
            counted[outcome] += 1
            continue
        refused.append(
            {
                "brand_id": found.brand_id,
                "import_id": found.id,
                "line_number": line,
                "field": outcome.field,
                "reason": outcome.reason,
            }
        )
    bulk.insert_all(ImportRefusal, refused)
    # The counts must add up whenever they are written: they are set together.
    found.lines_done += len(records)
    found.accepted += counted[True]
    found.known += counted[False]
    found.refused += len(refused)


def stop_import(now: datetime, *, who: Principal, import_id: UUID) -> Import:
    """Stop an import between two batches; giving the same file again goes on with it."""
    found = _lock(who.brand_ids[0], import_id)
    if found.state == ImportState.RUNNING:
        found.state = ImportState.STOPPED
        db.session.flush()
    return found


def _measure(content: BinaryIO) -> tuple[int, bytes]:
    """Return a file's bytes and their hash, and go back to its start."""
    size, digest = 0, hashlib.sha256()
    while piece := content.read(CHUNK):
        size += len(piece)
        digest.update(piece)
        if size > BYTES_MAX:
            raise FileNotUsable(f"The file is larger than {BYTES_MAX // 2**20} MB. Split it.")
    content.seek(0)
    return size, digest.digest()


def _guess(kind: str, columns: Sequence[str]) -> dict[str, str]:
    return import_fields.guess_columns(_fields(kind), columns)


def _fields(kind: str) -> Sequence[str]:
    return [*import_lines.NEEDED[kind], *import_lines.HELPFUL[kind]]


def _mapping(found: Import, told: Mapping[str, str]) -> dict[str, str]:
    """Return which column stands for which field. A record of JSON lines may have fields that the
    first ones lack, so each field has the column of its name at least.
    """
    header = found.options["columns"]
    columns = header or import_fields.columns_of(_first_records(found))
    unknown = sorted(set(told.values()) - set(columns))
    mapping = {**_guess(found.kind, columns), **told}
    missing = import_lines.missing_columns(found.kind, mapping) if header else []
    if unknown or missing:
        raise FileNotUsable(
            f"The file has no column {', '.join(unknown or missing)}."
            f" Its columns are {', '.join(columns)}."
        )
    return mapping if header else {field: field for field in _fields(found.kind)} | mapping


def _first_records(found: Import) -> list[dict[str, Any]]:
    columns = found.options["columns"]
    read = islice(read_records(_chunks(found), start=0, columns=columns), LOOKED_AT)
    records = list(read)[1 if columns else 0 :]
    return [record.fields for record in records if record.fields]


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


def _store(_now: datetime, stored: Import, content: BinaryIO) -> Import:
    db.session.add(stored)
    db.session.flush()
    for n in count():
        piece = content.read(CHUNK)
        if not piece:
            return stored
        db.session.execute(
            sa.insert(ImportChunk).values(
                brand_id=stored.brand_id, import_id=stored.id, n=n, content=piece
            )
        )
    raise AssertionError("a file ends")


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


def forget_unread(now: datetime, *, before: datetime) -> None:
    """Let go of files that were stored before a time and are not being read."""
    idle = sa.select(Import.brand_id, Import.id).where(
        Import.state.in_([ImportState.RECEIVED, ImportState.STOPPED]), Import.created_at < before
    )
    for brand_id, import_id in db.session.execute(idle).all():
        found = _lock(brand_id, import_id)
        if found.state == ImportState.STOPPED:
            found.state = ImportState.RUNNING
            db.session.flush()
        found.state, found.finished_at = ImportState.FAILED, now
        _forget_chunks(found)


def _forget_chunks(found: Import) -> None:
    db.session.execute(
        sa.delete(ImportChunk)
        .where(ImportChunk.brand_id == found.brand_id, ImportChunk.import_id == found.id)
        .execution_options(synchronize_session=False)
    )
