"""Objects of the stand-in, kept in one file."""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gigcx.sandbox.stripe.conformance import Description

Object = dict[str, Any]
PLATFORM = ""
"""The account of the platform itself."""


class Store:
    """A file of objects, one writer at a time, all or nothing."""

    def __init__(self, path: str) -> None:
        """Open or make the file; ``:memory:`` keeps nothing."""
        self._lock = threading.RLock()
        self._line = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._line.execute("PRAGMA journal_mode = WAL")
        self._line.executescript(
            """
            CREATE TABLE IF NOT EXISTS objects (
                id TEXT PRIMARY KEY, kind TEXT, account TEXT, body TEXT);
            CREATE INDEX IF NOT EXISTS of_kind ON objects (kind, account);
            CREATE TABLE IF NOT EXISTS answers (
                key TEXT PRIMARY KEY, request TEXT, status INTEGER, body TEXT, at INTEGER);
            CREATE TABLE IF NOT EXISTS deliveries (
                event TEXT PRIMARY KEY, due REAL, tries INTEGER);
            """
        )
        self.shift = 0.0
        """Seconds by which its clock is ahead."""
        self.description: Description | None = None
        """Against which the stand-in's own words are held, where it is at hand."""

    def now(self) -> int:
        """Return the stand-in's time."""
        return int(time.time() + self.shift)

    @contextmanager
    def unit(self) -> Iterator[sqlite3.Connection]:
        """Let the block happen alone and whole."""
        with self._lock:
            if self._line.in_transaction:
                yield self._line
                return
            self._line.execute("BEGIN IMMEDIATE")
            try:
                yield self._line
            except BaseException:
                self._line.execute("ROLLBACK")
                raise
            self._line.execute("COMMIT")

    def put(self, kind: str, body: Object, *, account: str = PLATFORM) -> Object:
        """Store a new object, or an old one's new state."""
        with self.unit() as line:
            line.execute(
                "INSERT INTO objects (id, kind, account, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                (body["id"], kind, account, json.dumps(body)),
            )
        return body

    def get(self, kind: str, id_: str, *, account: str | None = None) -> Object | None:
        """Return one object."""
        with self.unit() as line:
            row = line.execute(
                "SELECT body FROM objects WHERE id = ? AND kind = ? AND (? IS NULL OR account = ?)",
                (id_, kind, account, account),
            ).fetchone()
        return None if row is None else json.loads(row[0])

    def all(self, kind: str, *, account: str = PLATFORM) -> list[Object]:
        """Return the objects of one kind, the latest first."""
        with self.unit() as line:
            rows = line.execute(
                "SELECT body FROM objects WHERE kind = ? AND account = ? ORDER BY rowid DESC",
                (kind, account),
            ).fetchall()
        return [json.loads(body) for (body,) in rows]

    @staticmethod
    def new_id(prefix: str) -> str:
        """Return an id as Stripe writes them."""
        return f"{prefix}_{secrets.token_hex(12)}"
