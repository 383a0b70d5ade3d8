"""Many rows at once: copied into a temporary table and inserted from there.

Row-level security takes no COPY into its table, and a statement for each row costs more than the
row. A few rows go the short way; what comes of both is the same.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg import Connection, sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB, Insert, dialect, insert

from gigcx.db import Base, db

COPIED_FROM = 20
"""Rows from which copying is quicker than one statement with all values."""


def insert_all(
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    conclude: Callable[[Insert], sa.Executable] = lambda new: new,
) -> Sequence[Any]:
    """Insert rows in this transaction; return what the statement returns.

    :param rows: each with the same columns; columns that are left out get their defaults.
    :param conclude: adds what shall happen on a conflict and what is returned.
    """
    if not rows:
        return []
    db.session.flush()
    table = model.__table__
    assert isinstance(table, sa.Table)
    if len(rows) < COPIED_FROM:
        return _run(conclude(insert(table).values(list(rows))))
    columns = [table.c[name] for name in rows[0]]
    staged = _stage(table, columns, rows)
    found = _run(
        conclude(insert(table).from_select([column.name for column in columns], sa.select(staged)))
    )
    db.session.execute(sa.text(f"DROP TABLE {staged.name}"))
    return found


def insert_new(
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    known_by: Sequence[str],
    where: sa.ColumnElement[bool] | None = None,
) -> set[UUID]:
    """Insert those of the rows that are not there yet; return the ids of these.

    :param rows: each with the ``id`` that it gets if it is new.
    :param known_by: columns of the unique index that says what is there; ``where`` is the index's.
    """
    table = model.__table__

    def once(new: Insert) -> sa.Executable:
        return new.on_conflict_do_nothing(index_elements=known_by, index_where=where).returning(
            table.c.id
        )

    return {row.id for row in insert_all(model, rows, once)}


def _run(statement: sa.Executable) -> Sequence[Any]:
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return done.all() if isinstance(done, sa.CursorResult) and done.returns_rows else []


def _stage(
    table: sa.Table, columns: Sequence[sa.Column[Any]], rows: Sequence[Mapping[str, Any]]
) -> sa.TableClause:
    name = f"staged_{table.name}"
    driver = db.session.connection().connection.driver_connection
    assert isinstance(driver, Connection)
    names = [sql.Identifier(column.name) for column in columns]
    types = [sql.SQL(column.type.compile(dialect())) for column in columns]  # type: ignore[no-untyped-call]
    wraps = [_plain if isinstance(column.type, JSONB) else None for column in columns]
    with driver.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DROP").format(
                sql.Identifier(name),
                sql.SQL(", ").join(map(sql.SQL("{} {}").format, names, types)),
            )
        )
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(name), sql.SQL(", ").join(names)
        )
        with cursor.copy(copy) as into:
            for row in rows:
                values = zip(wraps, row.values(), strict=True)
                into.write_row([wrap(value) if wrap else value for wrap, value in values])
    return sa.table(name, *(sa.column(column.name, column.type) for column in columns))


def _plain(value: Any) -> Jsonb | None:
    return None if value is None else Jsonb(value)
