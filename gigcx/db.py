"""The unit of work. The only module that commits."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

import flask_sqlalchemy.session
import psycopg
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from psycopg import sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, registry
from typing_extensions import override

from gigcx import principal
from gigcx.errors import Conflict, DomainError

P = ParamSpec("P")
T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
A_co = TypeVar("A_co", covariant=True)

TRIES_MAX = 5
PAUSE_MAX_SECONDS = 0.02
"""Upper end of the first pause; it doubles with each try."""
LOST_RACES = frozenset({"40001", "40P01"})
"""serialization_failure, deadlock_detected: the same work may succeed if done again."""
_CLOCK = "gigcx.now"
_IN_UNIT = "gigcx.in_unit"
_dice = random.SystemRandom()
_shift: ContextVar[timedelta] = ContextVar("gigcx.clock_shift", default=timedelta())


class Base(DeclarativeBase):
    """What every model is."""

    registry = registry(
        type_annotation_map={
            datetime: sa.DateTime(timezone=True),
            str: sa.Text(),
            dict[str, Any]: JSONB(),
        }
    )


class RoleSession(flask_sqlalchemy.session.Session):
    """A session that connects as the database role of who is asking."""

    @override
    def get_bind(self, *_: Any, bind: Any = None, **__: Any) -> sa.Engine | sa.Connection:
        return bind or self._db.engines[principal.current().database]


db = SQLAlchemy(
    model_class=Base,
    # Callers render what their service returned, after the commit.
    session_options={"expire_on_commit": False, "class_": RoleSession},
)

_BEGIN = sql.SQL(
    "SET LOCAL app.brand_ids = {}; SET LOCAL app.user_id = {}; SET LOCAL app.purpose = {};"
    "SELECT clock_timestamp()"
)


class Answers(Protocol[T_contra, A_co]):
    """Where the answer to a repeated request is found and kept."""

    def find(self) -> A_co | None:
        """Return the answer that was given before, or None."""

    def keep(self, result: T_contra, now: datetime) -> A_co:
        """Store and return the answer; the unique key refuses a twin."""


@sa.event.listens_for(Session, "after_begin")
def _tell_the_database_who_asks(
    session: Session, transaction: SessionTransaction, connection: sa.Connection
) -> None:
    """Set the three settings that row-level security reads, and read the clock: one round trip."""
    if transaction.nested:
        return
    who = principal.current()
    settings = (",".join(map(str, who.brand_ids)), str(who.user_id), who.purpose)
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor() as cursor:
        cursor.execute(_BEGIN.format(*map(sql.Literal, settings)), prepare=False)
        while cursor.nextset():
            pass
        session.info[_CLOCK] = cursor.fetchall()[0][0]


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Let the block live at another time: the demo's past, a test's future. Never in production."""
    token = _shift.set(_shift.get() + by)
    try:
        yield
    finally:
        _shift.reset(token)


def now() -> datetime:
    """Return the database's clock for an edge that only reads."""
    db.session.connection()
    return cast(datetime, db.session.info[_CLOCK]) + _shift.get()


def commit(
    service: Callable[Concatenate[datetime, P], T], *args: P.args, **arguments: P.kwargs
) -> T:
    """Run one use case as one database transaction and return what it returned.

    Called by edges only. The service gets the database's clock as ``now``; services flush,
    they never commit. A function and not a ``with`` block, because the whole unit is run
    again when it loses a race against another transaction (up to ``TRIES_MAX`` times).

    :raises RuntimeError: if called by a service: a unit within a unit cannot be atomic.
    """
    return _unit(lambda now: service(now, *args, **arguments))


def commit_once(
    answers: Answers[T, A_co],
    service: Callable[Concatenate[datetime, P], T],
    *args: P.args,
    **arguments: P.kwargs,
) -> A_co:
    """Like ``commit``, and give a repeated request the answer of the first.

    The answer is stored last, in the same transaction. A twin that runs at the same moment
    is stopped by the unique index, or earlier by the state the first one left behind; either
    way it finds the stored answer. Refusals are not stored: they may be tried again.
    """
    given = _unit(lambda _now: answers.find())
    if given is not None:
        return given
    try:
        return _unit(lambda now: answers.keep(service(now, *args, **arguments), now))
    except (Conflict, sa.exc.IntegrityError):
        given = _unit(lambda _now: answers.find())
        if given is None:
            raise
        return given


def violated(error: sa.exc.IntegrityError) -> str | None:
    """Return the name of the constraint that refused, so that a service can say it in words."""
    assert isinstance(error.orig, psycopg.Error)
    return error.orig.diag.constraint_name


def _unit(work: Callable[[datetime], T]) -> T:
    session = db.session()
    if _IN_UNIT in session.info:
        raise RuntimeError("commit() does not nest: call the service directly")
    session.close()  # Ends the reads by which the edge learnt who is asking.
    session.info[_IN_UNIT] = True
    try:
        return _with_retries(session, work)
    finally:
        session.info.pop(_IN_UNIT)


def _with_retries(session: Session, work: Callable[[datetime], T]) -> T:
    for tries in range(1, TRIES_MAX + 1):
        try:
            return _once(session, work)
        except DBAPIError as error:
            if tries == TRIES_MAX or getattr(error.orig, "sqlstate", None) not in LOST_RACES:
                raise
            time.sleep(_dice.uniform(0, PAUSE_MAX_SECONDS * 2**tries))
        except DomainError as refusal:
            if refusal.afterwards is not None:
                _with_retries(session, refusal.afterwards)
            raise
    raise AssertionError("unreachable: the last try returns or raises")


def _once(session: Session, work: Callable[[datetime], T]) -> T:
    try:
        session.connection()  # Begins, and so sets the clock.
        result = work(cast(datetime, session.info[_CLOCK]) + _shift.get())
        session.commit()
    finally:
        # Rolls back what is not committed. The result keeps the values it has loaded, and
        # the next try starts with nothing of what this one believed.
        session.close()
    return result
