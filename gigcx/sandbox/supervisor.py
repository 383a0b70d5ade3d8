"""Several processes as one: their logs together, what dies is started again, all end with us."""

import contextlib
import os
import select
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from gigcx.sandbox import children

PAUSE_FIRST_SECONDS = 0.5
PAUSE_MAX_SECONDS = 10.0
HEALTHY_SECONDS = 30.0
"""After this long a process that dies is started again after the first pause, not a longer one."""
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.2
READ_BYTES = 65536
"""So much is read of one process before the others have their turn; no line is longer."""
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
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
    output: int | None = None
    rest: bytes = b""
    """The beginning of a line whose end has not been read."""
    started_at: float = 0.0
    pause: float = PAUSE_FIRST_SECONDS
    due_at: float = 0.0


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
        self._is_told_to_end = False

    def run(self, *, when_started: Callable[[], bool] = lambda: True) -> bool:
        """Keep the services alive until Ctrl-C, SIGTERM, or until nobody reads what we print.

        :param when_started: asked again and again until it says yes, to tell people that all is
            ready.
        :return: whether one of these ended it, so that the program should end too; False after
            ``stop()``.
        """
        before = {number: signal.signal(number, self._end) for number in _ENDING}
        is_started = False
        try:
            while not self._is_stopping and self._is_read():
                self._start_due()
                self._pass_output_on(LOOK_SECONDS)
                is_started = is_started or when_started()
        except BrokenPipeError:
            self._fall_silent()
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)
        return self._is_told_to_end

    def stop(self) -> None:
        """End after the current look."""
        self._is_stopping = True

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_stopping = self._is_told_to_end = True

    def _is_read(self) -> bool:
        """Say whether somebody can still read us; without output a broken pipe goes unnoticed."""
        with contextlib.suppress(AttributeError, OSError, ValueError):  # No real stdout.
            poll = select.poll()
            poll.register(sys.stdout.fileno(), 0)
            if poll.poll(0):
                self._fall_silent()
        return not self._is_stopping

    def _fall_silent(self) -> None:
        """Print to nowhere from now on, so that neither stopping nor a flush at exit fails."""
        self._is_stopping = self._is_told_to_end = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)

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
        running.output, running.started_at = reading, now
        os.set_blocking(reading, False)
        self._selector.register(reading, selectors.EVENT_READ, running)
        try:
            running.child = children.start(
                running.service.argv,
                environment=running.service.environment,
                output=writing,
                cwd=os.getcwd(),  # noqa: PTH109 - as it is, for the children
            )
        finally:
            os.close(writing)

    def _bury(self, running: _Running, child: subprocess.Popen[bytes], now: float) -> None:
        """Note that a process has died and when it is started again."""
        children.end_session(child)  # Its own children would hold its port.
        self._read_to_end(running)
        if now - running.started_at > HEALTHY_SECONDS:
            running.pause = PAUSE_FIRST_SECONDS
        self._print(running, f"ended with {child.returncode}; again in {running.pause:.1f} s")
        running.child = None
        running.due_at = now + running.pause
        running.pause = min(running.pause * 2, PAUSE_MAX_SECONDS)

    def _pass_output_on(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            self._read(key.data)

    def _read(self, running: _Running) -> bool:
        """Print a piece of what a process has written; say whether there may be more by now."""
        if running.output is None:
            return False
        try:
            read = os.read(running.output, READ_BYTES)
        except BlockingIOError:
            return False
        if not read:  # Closed: it would be ready to read for ever.
            self._close(running)
            return False
        *lines, running.rest = (running.rest + read).split(b"\n")
        if len(running.rest) > READ_BYTES:
            lines, running.rest = [*lines, running.rest], b""
        for line in lines:
            self._print(running, line.decode(errors="replace"))
        return True

    def _read_to_end(self, running: _Running) -> None:
        while self._read(running):
            pass
        self._close(running)

    def _close(self, running: _Running) -> None:
        if running.output is not None:
            self._selector.unregister(running.output)
            os.close(running.output)
            running.output = None
        if running.rest:
            rest, running.rest = running.rest, b""
            self._print(running, rest.decode(errors="replace"))

    def _print(self, running: _Running, line: str) -> None:
        name = click.style(running.service.name.ljust(self._width), fg=running.color)
        try:
            click.echo(f"{name} | {line}")
        except OSError:  # A broken pipe, or a terminal that is gone.
            self._fall_silent()

    def _stop_all(self) -> None:
        for running in reversed(self._running):
            if running.child is not None:
                children.stop(
                    running.child,
                    signal.SIGTERM,
                    seconds=STOP_SECONDS,
                    # Who says good-bye into a full pipe would wait for us and not end.
                    meanwhile=lambda: self._pass_output_on(0.05),
                )
            self._read_to_end(running)
