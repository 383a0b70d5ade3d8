"""Plain records of a brand's workspace: tags, canned answers, files that come with messages."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gigcx.db import db, violated
from gigcx.errors import Conflict, NotFound
from gigcx.ids import new_id
from gigcx.tickets.models import Attachment, CannedAnswer, File, Message, Tag

__all__ = ["Attachment", "CannedAnswer"]  # What the signatures of callers name.

FILE_MAX = 10 * 1024 * 1024
"""Bytes of one attachment."""
TYPES = {
    "application/pdf": (b"%PDF-",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/webp": (b"RIFF",),
    "text/plain": (b"",),
}
"""Media types that are taken → how their bytes start. What a sender claims counts for nothing
unless the bytes agree."""
_TAG = re.compile(r"[^\W_][\w-]{0,39}")


class FileNotTaken(Conflict):
    """The file is too large, or of a kind that nobody should open."""

    code = "tickets/file-not-taken"
    title = "This file cannot be attached"


class TagNotAWord(Conflict):
    """A tag is one word."""

    code = "tickets/tag-not-a-word"
    title = "A tag is one word"


class TitleTaken(Conflict):
    """Another canned answer has this title."""

    code = "tickets/title-taken"
    title = "There is a canned answer of this title"


class CannedAnswerNotFound(NotFound):
    """There is no such canned answer, or it is another brand's."""

    code = "tickets/canned-answer-not-found"
    title = "No such canned answer"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    name: str
    type: str
    content: bytes


def save_tags(_now: datetime, *, brand_id: UUID, ticket_id: UUID, tags: Iterable[str]) -> list[str]:
    """Give a ticket these tags and no others; return them as they are kept.

    :raises TagNotAWord: naming the one that is none.
    """
    wanted = sorted({tag.strip().lower() for tag in tags if tag.strip()})
    for tag in wanted:
        if not _TAG.fullmatch(tag):
            raise TagNotAWord(f"{tag[:60]!r} is not one word of at most 40 letters.")
    here = (Tag.brand_id == brand_id, Tag.ticket_id == ticket_id)
    db.session.execute(
        sa.delete(Tag)
        .where(*here, Tag.tag.not_in(wanted))
        .execution_options(synchronize_session=False)
    )
    if wanted:
        rows = [{"brand_id": brand_id, "ticket_id": ticket_id, "tag": tag} for tag in wanted]
        db.session.execute(insert(Tag).values(rows).on_conflict_do_nothing())
    return wanted


def save_canned_answer(
    now: datetime, *, brand_id: UUID, title: str, answer: str, canned_answer_id: UUID | None = None
) -> CannedAnswer:
    """Store an answer that is given often, or change one.

    :raises CannedAnswerNotFound: if there is none to change.
    :raises TitleTaken: if another one has the title.
    """
    if canned_answer_id is None:
        kept = CannedAnswer(brand_id=brand_id, id=new_id())
        db.session.add(kept)
    else:
        kept = _canned_answer(brand_id, canned_answer_id)
    kept.title, kept.answer, kept.saved_at = title, answer, now
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if violated(error) == "canned_answer_title_is_new":
            raise TitleTaken(f"Another canned answer is called {title!r}.") from error
        raise
    return kept


def delete_canned_answer(_now: datetime, *, brand_id: UUID, canned_answer_id: UUID) -> None:
    """Forget a canned answer.

    :raises CannedAnswerNotFound: if there is none such.
    """
    db.session.delete(_canned_answer(brand_id, canned_answer_id))
    db.session.flush()


def type_of(upload: Upload) -> str:
    """Return the media type of an upload, from its bytes and its sender's word together.

    :raises FileNotTaken: naming what is wrong with it.
    """
    if not 0 < len(upload.content) <= FILE_MAX:
        raise FileNotTaken(f"A file has 1 byte to {FILE_MAX // 1024 // 1024} MB.")
    claimed = upload.type.split(";")[0].strip().lower()
    starts = TYPES.get(claimed)
    if starts is None or not upload.content.startswith(starts):
        raise FileNotTaken(f"{upload.name[:80]!r} is none of these: {', '.join(sorted(TYPES))}.")
    if claimed == "text/plain" and b"\x00" in upload.content:
        raise FileNotTaken(f"{upload.name[:80]!r} is not text.")
    return claimed


def attach(now: datetime, *, message: Message, upload: Upload, masked_name: str) -> Attachment:
    """Keep a file that came with a message; the same bytes are stored once.

    :raises FileNotTaken: if it is too large or of another kind.
    """
    kind = type_of(upload)
    digest = hashlib.sha256(upload.content).digest()
    db.session.execute(
        insert(File)
        .values(brand_id=message.brand_id, sha256=digest, content=upload.content)
        .on_conflict_do_nothing()
    )
    attached = Attachment(
        brand_id=message.brand_id,
        id=new_id(),
        ticket_id=message.ticket_id,
        message_id=message.id,
        name=masked_name,
        type=kind,
        size_bytes=len(upload.content),
        sha256=digest,
        added_at=now,
    )
    db.session.add(attached)
    db.session.flush()
    return attached


def _canned_answer(brand_id: UUID, canned_answer_id: UUID) -> CannedAnswer:
    kept = db.session.get(CannedAnswer, (brand_id, canned_answer_id))
    if kept is None:
        raise CannedAnswerNotFound("There is no such canned answer.")
    return kept
