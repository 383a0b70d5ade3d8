"""The relay: numbers committed messages, pushes due deliveries, links the audit chain."""

import signal
import threading
import time
from collections.abc import Sequence
from types import FrameType

import structlog
from flask import Flask
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from gigcx import audit, outbox
from gigcx.db import commit, db
from gigcx.jobs.registry import BY_NAME, NAMES
from gigcx.principal import RELAY, acting_as

QUEUE = "gigcx"
PAUSE_SECONDS = 0.1
"""Between two looks that found nothing: a commit waits half of it on average."""
PAUSE_AFTER_ERROR_SECONDS = 1.0
LINK_SECONDS = 1.0
LINKS_MAX = 1000
JOB_SECONDS = 600
"""After this long a job is ended; its deliveries are pushed again."""
JOB_KEPT_SECONDS = 60

log = structlog.get_logger()


class Relay:
    """One of any number; they take turns by locks in the database."""

    def __init__(self, app: Flask, redis_url: str) -> None:
        """Connect nothing yet."""
        self._app = app
        self._redis = Redis.from_url(redis_url)
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
        self._stop = threading.Event()
        self._linked_at = 0.0

    def stop(self, *_: int | FrameType | None) -> None:
        """End after the current look."""
        self._stop.set()

    def run(self) -> None:
        """Look until stopped. What fails is looked at again: the truth is in the database."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while not self._stop.is_set():
            try:
                with self._app.app_context(), acting_as(RELAY):
                    found = self.look()
                self._stop.wait(0 if found else PAUSE_SECONDS)
            except (SQLAlchemyError, RedisError) as error:
                log.warning("relay waits", error=type(error).__name__)
                self._stop.wait(PAUSE_AFTER_ERROR_SECONDS)

    def look(self) -> int:
        """Number and push what is there once, and return how much it was."""
        numbered = commit(outbox.number_messages, listeners=NAMES)
        due = commit(outbox.take_due)
        pushed = 0
        with self._redis.pipeline() as pipe:
            for listener, turns in due.items():
                self._push(listener, turns, pipe)
                pushed += len(turns)
            pipe.execute()
        if time.monotonic() - self._linked_at > LINK_SECONDS:
            commit(audit.link, limit=LINKS_MAX)
            self._linked_at = time.monotonic()
        db.session.close()
        return numbered + pushed

    def _push(self, listener: str, turns: Sequence[outbox.Turn], pipe: Pipeline) -> None:
        batch = BY_NAME[listener].batch
        for at in range(0, len(turns), batch):
            written = [[str(message_id), tries] for message_id, tries in turns[at : at + batch]]
            self._queue.enqueue(
                "gigcx.jobs.deliveries.run_deliveries",
                kwargs={"listener": listener, "turns": written},
                job_timeout=JOB_SECONDS,
                result_ttl=0,
                failure_ttl=JOB_KEPT_SECONDS,
                pipeline=pipe,
            )
