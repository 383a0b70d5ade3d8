"""What a balancer, a container and a monitor ask: alive, ready, and how it goes."""

from collections.abc import Iterator

from flask import Flask, Response
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from gigcx import outbox, schedules, switches
from gigcx.db import db
from gigcx.http.access import permit, public
from gigcx.principal import NOBODY, acting_as


def register(app: Flask, *, redis_url: str) -> None:
    """Answer on this app."""

    @app.get("/healthz")
    @public
    def healthz() -> ResponseReturnValue:
        """Say that this process answers; whoever hears nothing restarts it."""
        return {"alive": True}

    @app.get("/readyz")
    @public
    def readyz() -> ResponseReturnValue:
        """Say whether this process reaches its database and its queue."""
        found = {"database": _reaches_database(), "queue": _reaches_queue(redis_url)}
        return found, 200 if all(found.values()) else 503

    @app.get("/metrics")
    @permit("metrics.read")
    def metrics() -> ResponseReturnValue:
        """Give the figures of this process and of the work that waits, for Prometheus."""
        waiting = CollectorRegistry()
        waiting.register(_Waiting())
        figures = generate_latest(REGISTRY) + generate_latest(waiting)
        return Response(figures, content_type=CONTENT_TYPE_LATEST)


class _Waiting(Collector):
    """Figures that are read from the database when they are asked for."""

    @override
    def collect(self) -> Iterator[Metric]:
        deliveries = GaugeMetricFamily(
            "gigcx_deliveries", "Deliveries that are not done", labels=["state"]
        )
        for state, count in outbox.counts().items():
            deliveries.add_metric([state], count)
        yield deliveries
        yield GaugeMetricFamily(
            "gigcx_delivery_oldest_seconds",
            "How long the oldest delivery that is not done has waited",
            value=outbox.oldest_seconds(),
        )
        late = GaugeMetricFamily(
            "gigcx_schedule_late_seconds", "How late the next run of a job is", labels=["job"]
        )
        for name, seconds in schedules.late_seconds().items():
            late.add_metric([name], seconds)
        yield late
        stopped = GaugeMetricFamily("gigcx_stopped", "Work that is stopped", labels=["work"])
        for switch in switches.list_switches():
            stopped.add_metric([switch.name], int(switch.is_stopped))
        yield stopped


def _reaches_database() -> bool:
    try:
        with acting_as(NOBODY):
            db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _reaches_queue(redis_url: str) -> bool:
    try:
        return bool(Redis.from_url(redis_url, socket_timeout=1).ping())
    except RedisError:
        return False
