"""Anticipated failures: four kinds, each with a code that is part of the public API."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

Fact = str | int | None


class DomainError(Exception):
    """An anticipated failure. ``code`` is part of the public API: never rename it."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(
        self,
        detail: str,
        *,
        afterwards: Callable[[datetime], object] | None = None,
        **facts: Fact,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts
        self.afterwards = afterwards
        """What the refusal must leave behind. The unit has been rolled back when this
        runs, with the clock, in a transaction of its own."""


class NotFound(DomainError):
    """The thing does not exist, or this user may not know that it does."""


class NotAllowed(DomainError):
    """The user is known and may not do this."""


class Conflict(DomainError):
    """Well-formed, but the current state of the world forbids it."""


class Unavailable(DomainError):
    """A third party is down or slow. Trying again later is right."""
