"""Relay and worker in one call, in this process: for the demo's past and for tests."""

from datetime import datetime

from gigcx import outbox
from gigcx.db import commit
from gigcx.jobs.deliveries import run_deliveries
from gigcx.jobs.registry import NAMES
from gigcx.principal import RELAY, SYSTEM, acting_as

ROUNDS_MAX = 1000
"""More rounds than any chain of messages needs: beyond it two jobs order each other for ever."""


def drain(*kinds: str) -> int:
    """Order these kinds, run everything that is due and what comes of it; return how many ran.

    :raises RuntimeError: if it does not come to an end.
    """
    for kind in kinds:
        with acting_as(SYSTEM):
            commit(_order, kind=kind)
    ran = 0
    for _ in range(ROUNDS_MAX):
        with acting_as(RELAY):
            numbered = commit(outbox.number_messages, listeners=NAMES)
            due = commit(outbox.take_due)
        if not numbered and not due:
            return ran
        for listener, turns in due.items():
            ran += run_deliveries(
                listener=listener, turns=[(str(id_), tries) for id_, tries in turns]
            )
    raise RuntimeError("the outbox does not run dry")


def _order(now: datetime, *, kind: str) -> None:
    outbox.put(now, kind)
