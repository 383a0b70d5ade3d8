"""Sessions kept by the database, so that they can be ended: one row for each, by its token's hash.

Source of the choice: a signed cookie cannot be revoked (OWASP ASVS 5.0, V7.2, V7.4).
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.orm import Mapped, Session, mapped_column
from typing_extensions import override
from werkzeug.datastructures import CallbackDict

from gigcx.db import Base, db, now
from gigcx.principal import NOBODY, acting_as

LASTS = timedelta(hours=12)
"""From sign-in on, however busy it is."""
IDLE = timedelta(hours=2)
"""After which a session that nobody uses is over."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when a session was used last."""
AGENT_MAX = 200
TOKEN_BYTES = 32
USER = "_user_id"
"""Where flask-login keeps the user's id."""


class StoredSession(Base):
    """What a browser's token stands for."""

    __tablename__ = "sessions"

    token_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(server_default=sa.FetchedValue())
    """What it is called on its person's page, where the token's hash has no business."""
    last_seen_at: Mapped[datetime]
    agent: Mapped[str]
    """What the browser calls itself."""


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """The session of one browser during one request."""

    def __init__(self, data: dict[str, Any] | None = None, token: str | None = None) -> None:
        super().__init__(data, _touch)
        self.token = token
        self.given_up: str | None = None
        """The token that this session had before it was rotated."""
        self.modified = False

    def rotate(self) -> None:
        """Take a new token, so that who knew the old one knows nothing."""
        self.given_up = self.given_up or self.token
        self.token = None
        self.modified = True


class DatabaseSessions(SessionInterface):
    """Loads and stores sessions, outside of every unit of work."""

    @override
    def open_session(self, app: Flask, request: Request) -> ServerSession:
        token = request.cookies.get(self.get_cookie_name(app))
        if not token or "Authorization" in request.headers or _is_static(app, request):
            return ServerSession()
        at = now()
        stored = db.session.execute(
            sa.select(StoredSession.data, StoredSession.last_seen_at).where(
                StoredSession.token_sha256 == _hash(token), *_goes_on(at)
            )
        ).one_or_none()
        db.session.close()
        if stored is None:
            return ServerSession()
        if at - stored.last_seen_at > SEEN_EVERY:
            _see(token, at)
        return ServerSession(stored.data, token)

    @override
    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, ServerSession)
        if session.accessed or session.modified:
            response.vary.add("Cookie")
        if not session.modified:
            return
        had = session.token or session.given_up
        if session:
            session.token = _store(session)
            self._set_cookie(app, session.token, response)
        elif had:
            _drop(had)
            response.delete_cookie(
                self.get_cookie_name(app),
                path=self.get_cookie_path(app),
                secure=self.get_cookie_secure(app),
                httponly=True,
                samesite="Lax",
            )

    def _set_cookie(self, app: Flask, token: str, response: Response) -> None:
        response.set_cookie(
            self.get_cookie_name(app),
            token,
            max_age=LASTS,
            path=self.get_cookie_path(app),
            secure=self.get_cookie_secure(app),
            httponly=True,
            samesite="Lax",
        )


@dataclass(frozen=True, slots=True)
class ShownSession:
    """Where a person is signed in."""

    id: UUID
    agent: str
    created_at: datetime
    last_seen_at: datetime
    is_this: bool


def list_sessions(*, user_id: UUID, token: str | None) -> Sequence[ShownSession]:
    """Return where a person is signed in, the latest first.

    :param token: of the browser that asks.
    """
    rows = db.session.execute(
        sa.select(
            StoredSession.id,
            StoredSession.agent,
            StoredSession.created_at,
            StoredSession.last_seen_at,
            StoredSession.token_sha256 == _hash(token or ""),
        )
        .where(StoredSession.user_id == user_id, *_goes_on(now()))
        .order_by(StoredSession.created_at.desc())
    )
    return [ShownSession(*row) for row in rows]


def end_one(_now: datetime, *, user_id: UUID, session_id: UUID) -> None:
    """Sign a person out in one browser."""
    db.session.execute(
        sa.delete(StoredSession)
        .where(StoredSession.user_id == user_id, StoredSession.id == session_id)
        .execution_options(synchronize_session=False)
    )


def end_sessions(_now: datetime, *, user_id: UUID) -> None:
    """Sign a person out everywhere."""
    db.session.execute(
        sa.delete(StoredSession)
        .where(StoredSession.user_id == user_id)
        .execution_options(synchronize_session=False)
    )


def forget_expired(now: datetime) -> None:
    """Delete the sessions that are over."""
    db.session.execute(
        sa.delete(StoredSession)
        .where(sa.not_(sa.and_(*_goes_on(now))))
        .execution_options(synchronize_session=False)
    )


def register(app: Flask, *, is_https: bool) -> None:
    """Keep this app's sessions in the database."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-gigcx" if is_https else "gigcx",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_PATH="/",
    )
    app.session_interface = DatabaseSessions()


def _touch(session: ServerSession) -> None:
    session.modified = True


def _store(session: ServerSession) -> str:
    at = now()
    user = session.get(USER)
    told = {"data": dict(session), "user_id": UUID(user) if user else None}
    with _own_transaction() as own:
        if session.token is not None:
            own.execute(
                sa.update(StoredSession)
                .where(StoredSession.token_sha256 == _hash(session.token))
                .values(told)
                .execution_options(synchronize_session=False)
            )
            return session.token  # If it was ended meanwhile, it stays so.
        if session.given_up is not None:
            _delete(own, session.given_up)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        own.execute(
            sa.insert(StoredSession).values(
                token_sha256=_hash(token),
                created_at=at,
                last_seen_at=at,
                expires_at=at + LASTS,
                agent=request.user_agent.string[:AGENT_MAX],
                **told,
            )
        )
        return token


def _goes_on(at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return StoredSession.expires_at > at, StoredSession.last_seen_at > at - IDLE


def _see(token: str, at: datetime) -> None:
    with _own_transaction() as own:
        own.execute(
            sa.update(StoredSession)
            .where(StoredSession.token_sha256 == _hash(token))
            .values(last_seen_at=at)
            .execution_options(synchronize_session=False)
        )


def _drop(token: str) -> None:
    with _own_transaction() as own:
        _delete(own, token)


def _delete(own: Session, token: str) -> None:
    own.execute(
        sa.delete(StoredSession)
        .where(StoredSession.token_sha256 == _hash(token))
        .execution_options(synchronize_session=False)
    )


@contextmanager
def _own_transaction() -> Iterator[Session]:
    """Write as nobody, after the view's own connection went back: a request that held two would
    wait for itself when the pool is empty.
    """
    db.session.remove()
    with (
        acting_as(NOBODY),
        Session(db.engines[None], join_transaction_mode="create_savepoint") as own,
        own.begin(),
    ):
        yield own


def _is_static(app: Flask, request: Request) -> bool:
    return request.path.startswith(f"{app.static_url_path}/")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
