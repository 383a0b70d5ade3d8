"""Processes that die with the one that started them, however it ends."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class CannotStart(RuntimeError):
    """A server or a process cannot be started; the message says why."""


def start(
    argv: Sequence[str | Path],
    *,
    dies_by: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    output: int | None = None,
    keeps: Sequence[int] = (),
    cwd: str = "/",
) -> subprocess.Popen[bytes]:
    """Start a child that is sent ``dies_by`` when this process ends, even by ``kill -9``.

    It leads a session of its own, so that Ctrl-C reaches us and not it. From the main thread
    only: the kernel ties the child to the thread that started it, not to the process.

    :param user: who it runs as, if we are root.
    :param output: file descriptor of its stdout and stderr; None inherits ours.
    :param keeps: further file descriptors that it inherits.
    :raises CannotStart: if this system cannot tie a child to its parent.
    :raises OSError: if the program is not there or may not be run.
    """
    if sys.platform != "linux":
        raise CannotStart("Only Linux ends children with their parent; run this in a container.")
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("children are started from the main thread: they die with their thread")
    return subprocess.Popen(  # noqa: S603 - our own programs
        [str(word) for word in argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(os.environ if environment is None else environment),
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        extra_groups=None if user is None else [],
        pass_fds=keeps,
        start_new_session=True,
        preexec_fn=_dying_by(dies_by),  # noqa: PLW1509 - no thread is started before the exec
        cwd=cwd,
    )


def stop(
    child: subprocess.Popen[bytes],
    how: signal.Signals,
    *,
    seconds: float = 10,
    meanwhile: Callable[[], object] = lambda: time.sleep(0.02),
) -> None:
    """Ask a child to end, make it end after a while, and end what it has left behind.

    :param meanwhile: called again and again while we wait; short, and may sleep.
    """
    if child.poll() is None:
        child.send_signal(how)
        deadline = time.monotonic() + seconds
        while child.poll() is None and time.monotonic() < deadline:
            meanwhile()
    end_session(child)
    child.wait()


def end_session(child: subprocess.Popen[bytes]) -> None:
    """Kill a child and those of its own that have not left its session's first group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _dying_by(how: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def before_exec() -> None:
        # After the change of user, which would clear it.
        _libc.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:  # The parent died in between: nobody would tell us.
            os._exit(1)

    return before_exec
