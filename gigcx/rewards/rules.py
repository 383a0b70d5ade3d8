"""Which row of a reward table pays a ticket."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from gigcx.money import Money


class Row(Protocol):
    """One row of a reward table; what is None holds for all."""

    @property
    def topic_id(self) -> UUID | None:
        """The topic that it pays, with all below it."""

    @property
    def complexity(self) -> int | None:
        """1 to 3."""

    @property
    def language(self) -> str | None:
        """The ticket's language."""

    @property
    def amount(self) -> Money:
        """What a resolution earns."""


def quote(
    table: Iterable[Row], *, topic_path: Sequence[UUID], complexity: int, language: str
) -> Money | None:
    """R-rewards-1: The most specific row pays a ticket: the nearest topic first, then the
    complexity, then the language. A ticket that no row fits earns nothing and is not offered.

    :param topic_path: from the catalogue's top down to the ticket's topic.
    """
    depth: dict[UUID | None, int] = {topic: n for n, topic in enumerate(topic_path, start=1)}
    depth[None] = 0
    fitting = [
        row
        for row in table
        if row.topic_id in depth
        and row.complexity in {None, complexity}
        and row.language in {None, language}
    ]
    best = max(
        fitting,
        key=lambda row: (
            depth[row.topic_id],
            row.complexity is not None,
            row.language is not None,
        ),
        default=None,
    )
    return None if best is None else best.amount
