"""The folder of one embedded server: who has it, the server's password and its port."""

import contextlib
import fcntl
import os
import secrets
import socket
import time
from pathlib import Path

from gigcx.sandbox.children import CannotStart

SECONDS_FOR_LAUNCHER = 1.0
"""A launcher that was killed gives its lock back a moment after it is gone."""
SECONDS_FOR_SERVER = 30.0
"""A server whose launcher was killed ends by itself, after it has written what it holds."""


class ServerFolder:
    """A folder that one launcher has at a time, and one server.

    Two locks of the kernel, which gives them back however a process ends. The launcher's says
    that the server in here is wanted. The server's is inherited by all of its processes: while
    one of them lives, no other server may touch the data.
    """

    def __init__(self, path: Path) -> None:
        """Take nothing yet."""
        self.path = path.resolve()
        self._locks: dict[str, int] = {}

    def take(self) -> None:
        """Make the folder if need be and become its launcher.

        :raises CannotStart: if somebody else is, or if it belongs to another user.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock("launcher.lock", seconds=SECONDS_FOR_LAUNCHER)
        except PermissionError as error:
            raise CannotStart(
                f"{error.filename} belongs to another user, who was here first."
                f" Run as that user, or remove {self.path}."
            ) from None

    def wait_for_server(self) -> int:
        """Wait until no server uses the data; return the lock that the next one must inherit.

        :raises CannotStart: if one does not end.
        """
        return self._lock("server.lock", seconds=SECONDS_FOR_SERVER)

    def hand_over(self) -> None:
        """Leave the server's lock to the server alone."""
        with contextlib.suppress(KeyError):
            os.close(self._locks.pop("server.lock"))

    def give_back(self) -> None:
        """Let others have the folder."""
        while self._locks:
            os.close(self._locks.popitem()[1])

    def password(self) -> str:
        """Return the server's password, which is made once."""
        file = self.path / "password"
        if not file.exists():
            # Whole or not at all: who is killed in between leaves no empty password behind.
            new = self.path / "password.new"
            new.unlink(missing_ok=True)
            new.touch(mode=0o600)
            new.write_text(secrets.token_urlsafe(24))
            new.rename(file)
        return file.read_text()

    def choose_port(self) -> int:
        """Return the port of last time if nobody listens there now, or a free one."""
        with contextlib.suppress(OSError, ValueError):
            return free_port(int((self.path / "port").read_text()))
        return free_port()

    def remember_port(self, port: int) -> None:
        """Note the port for the next time, so that addresses stay what they were."""
        (self.path / "port").write_text(str(port))

    def last_words(self, log: str) -> str:
        """Return the end of a log, to say why a server did not start."""
        return " ".join((self.path / log).read_text(errors="replace").splitlines()[-3:])

    def _lock(self, name: str, *, seconds: float) -> int:
        handle = os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(handle)
                    raise CannotStart(f"A server is running on {self.path} already.") from None
                time.sleep(0.02)
            else:
                self._locks[name] = handle
                return handle


def free_port(wanted: int = 0) -> int:
    """Return ``wanted`` if nobody listens there, or any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
