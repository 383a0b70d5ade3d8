"""Processes that die with the one that started them, however it ends."""

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def start(
    argv: Sequence[str | Path],
    *,
    dies_by: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    output: int | None = None,
    cwd: str = "/",
) -> subprocess.Popen[bytes]:
    """Start a child that is sent ``dies_by`` when this process ends, even by ``kill -9``.

    It leads a session of its own, so that Ctrl-C reaches us and not it. From the main thread
    only: the kernel ties the child to the thread that started it, not to the process.

    :param user: who it runs as, if we are root.
    :param output: file descriptor of its stdout and stderr; None inherits ours.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("children are started from the main thread: they die with their thread")
    return subprocess.Popen(  # noqa: S603 - our own programs
        [str(word) for word in argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(os.environ if environment is None else environment),
        user=user,
        group=None if user is None else _group_of(user),
        extra_groups=None if user is None else [],
        start_new_session=True,
        preexec_fn=_dying_by(dies_by),  # noqa: PLW1509 - no thread is started before the exec
        cwd=cwd,
    )


def stop(child: subprocess.Popen[bytes], how: signal.Signals, *, seconds: float = 10) -> None:
    """Ask a child to end and make it end after a while."""
    if child.poll() is not None:
        return
    child.send_signal(how)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _dying_by(how: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def before_exec() -> None:
        # After the change of user, which would clear it.
        _libc.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:  # The parent died in between: nobody would tell us.
            os._exit(1)

    return before_exec


def _group_of(user: str) -> int:
    import pwd  # noqa: PLC0415 - not there on every system

    return pwd.getpwnam(user).pw_gid
