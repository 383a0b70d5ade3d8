"""Keyset pages: as many rows as asked for, and where the next page starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from gigcx.db import db

T = TypeVar("T")

LIMIT_MAX = 200
"""Rows a page has at most."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is wanted: the rows that come after the key ``after``."""

    limit: int = 50
    after: tuple[str, ...] | None = None
    """The sort key of the last row seen, as text; the first page has none."""


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """One page of rows."""

    items: Sequence[T]
    next_after: tuple[str, ...] | None = None
    """Where the next page starts; None on the last."""


def read(
    rows: sa.Select[Any],
    page: Page,
    *,
    by: Sequence[InstrumentedAttribute[Any]],
    key: Callable[[Any], tuple[Any, ...]],
) -> Slice[Any]:
    """Return one page of ``rows``, newest first.

    :param by: the columns that order the rows, the last of them unique; sorted descending.
    :param key: the same values of one row.
    """
    limit = max(1, min(page.limit, LIMIT_MAX))
    if page.after is not None:
        values = [sa.cast(sa.literal(v), c.type) for v, c in zip(page.after, by, strict=True)]
        rows = rows.where(sa.tuple_(*by) < sa.tuple_(*values))
    found = db.session.scalars(
        rows.order_by(*(column.desc() for column in by)).limit(limit + 1)
    ).all()
    if len(found) <= limit:
        return Slice(found)
    last = found[limit - 1]
    return Slice(found[:limit], tuple(str(value) for value in key(last)))
