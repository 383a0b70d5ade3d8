"""Who is asking. Set once by the edge, read by row-level security and by the services' callers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

NO_ONE_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Principal:
    """One person in one of their roles, or a process of ours."""

    user_id: UUID
    brand_ids: tuple[UUID, ...] = ()
    """The brands in which the roles hold; row-level security shows no other's rows."""
    roles: frozenset[str] = frozenset()
    purpose: str = ""
    """Why protected data is read, where a purpose is asked for."""
    database: str | None = None
    """Which database role the work runs as; None is that of the web."""
    actions: frozenset[str] | None = None
    """What an API key narrows the roles' actions to; None narrows nothing."""

    def has(self, *roles: str) -> bool:
        """Say whether one of the roles is held."""
        return not self.roles.isdisjoint(roles)


NOBODY = Principal(NO_ONE_ID)
SYSTEM = Principal(NO_ONE_ID, roles=frozenset({"system"}), database="worker")
"""Jobs and commands: all brands, by the policies of the worker's database role."""
ADMIN = Principal(NO_ONE_ID, roles=frozenset({"admin"}), database="admin")
"""Commands of whoever runs the platform."""
RELAY = Principal(NO_ONE_ID, roles=frozenset({"relay"}), database="relay")

_current: ContextVar[Principal] = ContextVar("gigcx.principal", default=NOBODY)


@contextmanager
def for_purpose(purpose: str) -> Iterator[Principal]:
    """Let the block read protected data, as who is asking: the database shows it to nobody who
    does not say why.
    """
    with acting_as(replace(current(), purpose=purpose)) as who:
        yield who


def current() -> Principal:
    """Return who is asking in this context."""
    return _current.get()


@contextmanager
def acting_as(who: Principal) -> Iterator[Principal]:
    """Let the block act as ``who``."""
    token = _current.set(who)
    try:
        yield who
    finally:
        _current.reset(token)
