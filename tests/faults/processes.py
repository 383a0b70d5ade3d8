"""The program's real processes on a database of their own, to be killed and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests
import sqlalchemy as sa

import gigcx
from gigcx.config import Settings
from gigcx.db import commit
from gigcx.outbox import put
from gigcx.principal import SYSTEM
from gigcx.sandbox.server_folder import free_port
from tests.acting import acting
from tests.outside import API_KEY, SECRET, StandIn

PROJECT = Path(gigcx.__file__).parents[1]
SECONDS_MAX = 30
QUIET = sa.text("""
    SELECT (SELECT count(*) FROM outbox_messages WHERE seq IS NULL)
         + (SELECT count(*) FROM outbox_deliveries WHERE state IN ('due', 'failed'))""")
TIME_PASSES = (
    "UPDATE outbox_deliveries SET next_at = now() WHERE state IN ('due', 'failed')",
    "UPDATE stripe_calls SET sent_at = sent_at - interval '5 minutes' WHERE state = 'sent'",
)
"""What a few minutes do: leases of dead workers run out, calls of dead senders are overdue."""


class Processes:
    """Web, worker and relay, each by name."""

    def __init__(self, settings: Settings, stripe: StandIn, engine: sa.Engine) -> None:
        """Start nothing yet.

        :param engine: of the administrator, who looks on.
        """
        self.port = free_port()
        self.engine = engine
        self._commands = {
            "web": ["web", f"--port={self.port}"],
            "worker": ["worker"],
            "relay": ["relay"],
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = os.environ | {
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "SECRET_KEY": settings.secret_key.get_secret_value(),
            "STRIPE_API_KEY": API_KEY,
            "STRIPE_WEBHOOK_SECRETS": SECRET,
            "STRIPE_ADDRESS": stripe.address,
            "PYTHONPATH": str(PROJECT),
        }

    def start(self, *names: str) -> None:
        """Start these, and wait until the web answers."""
        for name in names:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-c", "from gigcx.cli import main; main()", *self._commands[name]],
                env=self._environment,
                cwd=PROJECT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        if "web" in names:
            self.wait(self._answers)

    def kill(self, name: str) -> None:
        """Kill a process with its children, at once and without a word."""
        gone = self._running.pop(name)
        os.killpg(gone.pid, signal.SIGKILL)
        gone.wait()

    def kill_all(self) -> None:
        """Kill whatever runs."""
        for name in list(self._running):
            self.kill(name)

    def let_time_pass(self) -> None:
        """Do what minutes do, and let the sweep look for calls that nobody answers for."""
        with self.engine.begin() as connection:
            for statement in TIME_PASSES:
                connection.exec_driver_sql(statement)
        with acting(SYSTEM):
            commit(put, "outgoing.sweep")

    def wait_until_quiet(self) -> None:
        """Wait until every message is delivered."""
        self.wait(lambda: self.count(QUIET) == 0)

    def count(self, question: sa.TextClause | str) -> int:
        """Ask the database for a number."""
        with self.engine.connect() as connection:
            return int(
                connection.scalar(sa.text(question) if isinstance(question, str) else question)
            )

    def wait(self, holds: Callable[[], bool]) -> None:
        """Look until it holds."""
        deadline = time.monotonic() + SECONDS_MAX
        while not holds():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.01)

    def ask(self, method: str, path: str, key: str, **options: object) -> requests.Response | None:
        """Ask the web; None if nobody answers."""
        try:
            return requests.request(
                method,
                f"http://127.0.0.1:{self.port}/api/v1{path}",
                headers={"Authorization": f"Bearer {key}"},
                timeout=SECONDS_MAX,
                **options,
            )
        except requests.RequestException:
            return None

    def _answers(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=1).ok
        except requests.RequestException:
            return False
