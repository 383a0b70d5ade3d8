"""The worker: one queue, no forks, and a database that knows what is still to be done."""

from flask import Flask
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from gigcx.jobs.relay import QUEUE

TTL_SECONDS = 60
"""How long a dead worker is believed to live. Recovery does not wait for it: leases do that."""


def run(app: Flask, redis_url: str, *, burst: bool = False) -> None:
    """Run jobs until stopped; each starts with a clean session.

    :param burst: end when the queue is empty.
    """
    worker = SimpleWorker(
        [QUEUE],
        connection=Redis.from_url(redis_url),
        serializer=JSONSerializer,
        worker_ttl=TTL_SECONDS,
        log_job_description=False,
    )
    with app.app_context():
        worker.work(burst=burst, logging_level="WARNING")
