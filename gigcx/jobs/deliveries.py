"""Running deliveries: what a queued job of the worker does."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from gigcx import outbox, schedules, switches
from gigcx.db import commit, db
from gigcx.jobs.registry import BY_NAME, CRONS, Listener
from gigcx.principal import SYSTEM, acting_as

log = structlog.get_logger()


def run_deliveries(
    *, listener: str, turns: Sequence[tuple[str, int]], **_later_arguments: object
) -> int:
    """Run a listener on the messages of these turns and return how many went well.

    They are claimed in one transaction and the good ones finished in one; one that fails is
    written down alone and stops no other. Killed in between, what was not finished is pushed again
    after its lease, which is why every job is safe to run twice.
    """
    heard = BY_NAME[listener]
    with acting_as(SYSTEM):
        if heard.stopped_by is not None and switches.is_stopped(heard.stopped_by):
            return 0  # Not tried: it is pushed again after its lease, until it may run.
        held = commit(
            outbox.claim_deliveries,
            listener=listener,
            turns=[(UUID(message_id), attempts) for message_id, attempts in turns],
        )
        good = [delivery.message_id for delivery in held if _run(heard, delivery)]
        if good:
            commit(outbox.finish_deliveries, listener=listener, message_ids=good)
        if held and listener in CRONS:
            error = None if good else "It failed; its delivery says why."
            commit(schedules.note_end, name=listener, error=error)
    return len(good)


def _run(heard: Listener, delivery: outbox.Delivery) -> bool:
    traced = delivery.arguments.get(outbox.TRACE, str(delivery.message_id))
    structlog.contextvars.bind_contextvars(**{outbox.TRACE: traced})
    try:
        heard.run(**delivery.arguments)
    except Exception as error:
        # Whatever a job raises is its delivery's failure, never its neighbours'.
        db.session.close()
        state = commit(
            outbox.fail_delivery,
            listener=heard.name,
            message_id=delivery.message_id,
            error=f"{type(error).__name__}: {error}",
            retries=heard.retries,
        )
        log.exception(
            "delivery failed",
            listener=heard.name,
            message_id=str(delivery.message_id),
            attempts=delivery.attempts,
            state=state,
        )
        return False
    finally:
        structlog.contextvars.unbind_contextvars(outbox.TRACE)
        db.session.close()
    return True
