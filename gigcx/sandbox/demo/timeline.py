"""Time of the demo: many stories told side by side, step by step, each at its own moment."""

import heapq
from collections.abc import Iterator
from datetime import timedelta

from gigcx.db import shifted

Script = Iterator[timedelta]
"""What happens to one thing. It does a step, then yields how long it waits until the next."""


class Timeline:
    """Runs scripts in the order of their moments until now; what would come later stays undone.

    That is how open tickets, running claims and answers on which a customer still thinks come
    about: their stories are not over yet.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[timedelta, int, Script]] = []

    def add(self, script: Script, *, ago: timedelta) -> None:
        """Let a script begin so long before now."""
        heapq.heappush(self._heap, (-ago, len(self._heap), script))

    def run(self) -> None:
        """Tell all stories up to now."""
        told = len(self._heap)
        while self._heap:
            at, _, script = heapq.heappop(self._heap)
            with shifted(at):
                pause = next(script, None)
            if pause is not None and at + pause <= timedelta():
                told += 1
                heapq.heappush(self._heap, (at + pause, told, script))
