"""Chance that falls the same way each time."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Dice whose throws follow from their seed alone: two loads of the demo are the same."""

    def __init__(self, *seed: object) -> None:
        self._seed = "/".join(map(str, seed))
        self._throws = 0

    def below(self, limit: int) -> int:
        """Return a number from 0 to ``limit`` - 1."""
        self._throws += 1
        digest = hashlib.sha256(f"{self._seed}#{self._throws}".encode()).digest()
        return int.from_bytes(digest[:8]) % limit

    def between(self, low: int, high: int) -> int:
        """Return a number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def hits(self, percent: int) -> bool:
        """Say yes in so many of a hundred cases."""
        return self.below(100) < percent

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.below(len(options))]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Return the options in some order."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in options]
