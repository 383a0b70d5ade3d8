"""The scheduler: writes a message when the clock says so. Any number may run; each turn is taken
once.
"""

import signal
import threading
from types import FrameType

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from gigcx import schedules
from gigcx.db import commit
from gigcx.jobs.registry import CRONS
from gigcx.principal import SYSTEM, acting_as

PAUSE_SECONDS = 1.0
PAUSE_AFTER_ERROR_SECONDS = 5.0

log = structlog.get_logger()


def run(app: Flask) -> None:
    """Order what is due until stopped."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not stop.is_set():
        try:
            with app.app_context(), acting_as(SYSTEM):
                commit(schedules.order_due, crons=CRONS)
            stop.wait(PAUSE_SECONDS)
        except SQLAlchemyError as error:
            log.warning("scheduler waits", error=type(error).__name__)
            stop.wait(PAUSE_AFTER_ERROR_SECONDS)
