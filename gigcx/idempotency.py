"""A repeated request gets the answer of the first."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base, db
from gigcx.errors import Conflict

T = TypeVar("T")


class KeyReused(Conflict):
    """The key was used for another request."""

    code = "idempotency/key-reused"
    title = "This Idempotency-Key was used for another request"


class IdempotentAnswer(Base):
    """What a person's request with a key was answered."""

    __tablename__ = "idempotent_answers"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[bytes]
    status: Mapped[int] = mapped_column(sa.SmallInteger)
    body: Mapped[dict[str, Any]]
    answered_at: Mapped[datetime]


def request_hash(method: str, path: str, body: object) -> bytes:
    """Return what tells one request from another."""
    written = json.dumps([method, path, body], sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).digest()


@dataclass(frozen=True, slots=True)
class StoredAnswers(Generic[T]):
    """The answers of one person under one key: what ``commit_once`` asks."""

    user_id: UUID
    key: str
    request_sha256: bytes
    status: int
    dump: Callable[[T], dict[str, Any]]

    def find(self) -> dict[str, Any] | None:
        """Return the answer that was given before, or None.

        :raises KeyReused: if it answered another request.
        """
        given = db.session.get(IdempotentAnswer, (self.user_id, self.key))
        if given is None:
            return None
        if given.request_sha256 != self.request_sha256:
            raise KeyReused("Use a new key for a new request.")
        return given.body

    def keep(self, result: T, now: datetime) -> dict[str, Any]:
        """Store and return the answer; the primary key refuses a twin."""
        body: dict[str, Any] = json.loads(json.dumps(self.dump(result), default=str))
        db.session.execute(
            sa.insert(IdempotentAnswer).values(
                user_id=self.user_id,
                key=self.key,
                request_sha256=self.request_sha256,
                status=self.status,
                body=body,
                answered_at=now,
            )
        )
        return body


def forget_before(_now: datetime, *, before: datetime) -> None:
    """Delete the answers that nobody asks for again."""
    db.session.execute(
        sa.delete(IdempotentAnswer)
        .where(IdempotentAnswer.answered_at < before)
        .execution_options(synchronize_session=False)
    )
