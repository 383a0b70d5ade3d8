"""Several processes as one: their logs together, what dies is started again, all end with us."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import click

from gigcx.sandbox import children

PAUSE_FIRST_SECONDS = 0.5
PAUSE_MAX_SECONDS = 10.0
HEALTHY_SECONDS = 30.0
"""After this long a process that dies is started at once again."""
STOP_SECONDS = 10.0
_COLORS = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green")


@dataclass(frozen=True, slots=True)
class Service:
    """A process to be kept alive."""

    name: str
    argv: Sequence[str | Path]
    environment: Mapping[str, str]


@dataclass(slots=True)
class _Running:
    service: Service
    color: str
    child: subprocess.Popen[bytes] | None = None
    output: int = -1
    rest: bytes = b""
    started_at: float = 0.0
    pause: float = PAUSE_FIRST_SECONDS
    due_at: float = field(default=0.0)


class Supervisor:
    """Starts services in order, keeps them alive, and ends them in the other order."""

    def __init__(self, services: Sequence[Service]) -> None:
        """Start nothing yet."""
        self._running = [
            _Running(service, _COLORS[n % len(_COLORS)]) for n, service in enumerate(services)
        ]
        self._width = max((len(service.name) for service in services), default=0)
        self._selector = selectors.DefaultSelector()
        self._is_stopping = False

    def run(self, *, when_started: Callable[[], bool] = lambda: True) -> None:
        """Keep the services alive until Ctrl-C, SIGTERM, or until nobody reads what we print.

        :param when_started: asked again and again until it says yes, to tell people that all is
            ready.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        is_told = False
        try:
            while not self._is_stopping:
                self._start_due()
                self._pass_output_on(0.2)
                is_told = is_told or when_started()
        except BrokenPipeError:
            # Nobody reads us any more; a later flush at exit must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        finally:
            self._stop_all()

    def stop(self) -> None:
        """End after the current look."""
        self._is_stopping = True

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _start_due(self) -> None:
        now = time.monotonic()
        for running in self._running:
            child = running.child
            if child is not None and child.poll() is not None:
                self._bury(running, child, now)
            if running.child is None and now >= running.due_at:
                self._start(running, now)

    def _start(self, running: _Running, now: float) -> None:
        reading, writing = os.pipe()
        running.child = children.start(
            running.service.argv,
            environment=running.service.environment,
            output=writing,
            cwd=os.getcwd(),  # noqa: PTH109 - as it is, for the children
        )
        os.close(writing)
        os.set_blocking(reading, False)
        running.output, running.started_at = reading, now
        self._selector.register(reading, selectors.EVENT_READ, running)

    def _bury(self, running: _Running, child: subprocess.Popen[bytes], now: float) -> None:
        """Note that a process has died and when it is started again."""
        self._read(running)
        self._selector.unregister(running.output)
        os.close(running.output)
        if now - running.started_at > HEALTHY_SECONDS:
            running.pause = PAUSE_FIRST_SECONDS
        self._print(running, f"ended with {child.returncode}; again in {running.pause:.1f} s")
        running.child = None
        running.due_at = now + running.pause
        running.pause = min(running.pause * 2, PAUSE_MAX_SECONDS)

    def _pass_output_on(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            self._read(key.data)

    def _read(self, running: _Running) -> None:
        while True:
            try:
                read = os.read(running.output, 65536)
            except BlockingIOError:
                return
            if not read:
                return
            *lines, running.rest = (running.rest + read).split(b"\n")
            for line in lines:
                self._print(running, line.decode(errors="replace"))

    def _print(self, running: _Running, line: str) -> None:
        name = click.style(running.service.name.ljust(self._width), fg=running.color)
        click.echo(f"{name} | {line}")

    def _stop_all(self) -> None:
        for running in reversed(self._running):
            if running.child is not None:
                children.stop(running.child, signal.SIGTERM, seconds=STOP_SECONDS)
