import os
import signal
import subprocess
import sys
import time

from gigcx.sandbox.supervisor import Service, Supervisor
from tests.sandbox.watching import all_end, fields_of, is_alive, kill, program

PROGRAM = """
import os, sys
from gigcx.sandbox.supervisor import Service, Supervisor
services = [
    Service(f"s{n}", [sys.executable, "-u", "-c", source], dict(os.environ))
    for n, source in enumerate(sys.argv[1:])
]
try:
    ended = Supervisor(services).run()
except BaseException as error:
    print("failed", error, file=sys.stderr)
    raise
sys.exit(7 if ended else 8)
"""
"""What it is given are programs of services; it ends with 7 when a signal has ended it."""

STEADY = "import os, time; print('pid', os.getpid()); time.sleep(60)"
SHY = "import os, time; print('pid', os.getpid()); os.close(1); os.close(2); time.sleep(60)"
CHATTY_AT_ITS_END = """
import os, signal, sys, time
def end(*_):
    print('x' * 300_000)
    print('good-bye')
    sys.exit()
signal.signal(signal.SIGTERM, end)
print('pid', os.getpid())
time.sleep(60)
"""
PARENT_OF_ONE = """
import os, subprocess, sys, time
child = subprocess.Popen(['sleep', '60'])
print('pid', child.pid)
time.sleep(60)
"""
PARENT_FIELD = 1
NOISY = "while True: print('noise' * 100)"


def next_line(running: subprocess.Popen[str], name: str, word: str) -> str:
    """Return the next line of a service that has this word in it."""
    for line in running.stdout:
        who, _, said = line.partition(" | ")
        if who.strip() == name and word in said:
            return said.strip()
    raise AssertionError(f"{name} did not say {word}")


def pid_of(running: subprocess.Popen[str], name: str) -> int:
    return int(next_line(running, name, "pid").split()[1])


def pids_of(running: subprocess.Popen[str], *names: str) -> list[int]:
    """Return the processes of services, which may speak up in any order."""
    pids: dict[str, int] = {}
    while len(pids) < len(names):
        who, _, said = running.stdout.readline().partition(" | ")
        if said.startswith("pid"):
            pids[who.strip()] = int(said.split()[1])
    return [pids[name] for name in names]


class TestSupervisor:
    def test_starts_again_what_was_killed(self):
        with program(PROGRAM, STEADY) as running:
            first = pid_of(running, "s0")

            kill(first)

            assert next_line(running, "s0", "ended") == "ended with -9; again in 0.5 s"
            assert pid_of(running, "s0") != first

    def test_waits_longer_each_time_for_what_dies_at_once(self):
        with program(PROGRAM, "print('half a line', end='')") as running:
            said = [running.stdout.readline().split(" | ")[1].strip() for _ in range(4)]

        assert said == [
            "half a line",
            "ended with 0; again in 0.5 s",
            "half a line",
            "ended with 0; again in 1.0 s",
        ]

    def test_kills_the_children_of_what_died(self):
        with program(PROGRAM, PARENT_OF_ONE) as running:
            grandchild = pid_of(running, "s0")
            parent = int(fields_of(grandchild)[PARENT_FIELD])

            kill(parent)

            assert all_end([grandchild])

    def test_stops_all_in_the_other_order_when_told(self):
        with program(PROGRAM, CHATTY_AT_ITS_END, STEADY) as running:
            pids = pids_of(running, "s0", "s1")

            running.send_signal(signal.SIGTERM)

            assert next_line(running, "s0", "good-bye")
            assert running.wait(5) == 7
            assert all_end(pids)

    def test_hears_ctrl_c_while_a_service_never_stops_talking(self):
        with program(PROGRAM, NOISY, STEADY) as running:
            pid = pid_of(running, "s1")

            running.send_signal(signal.SIGINT)
            running.stdout.read()

            assert running.wait(5) == 7
            assert all_end([pid])

    def test_takes_all_along_when_it_is_killed(self):
        with program(PROGRAM, STEADY, SHY) as running:
            pids = pids_of(running, "s0", "s1")

            running.kill()

            assert all_end(pids)

    def test_ends_when_nobody_reads_it_though_nobody_talks(self):
        with program(PROGRAM, STEADY) as running:
            pid = pid_of(running, "s0")

            running.stdout.close()

            assert running.wait(5) == 7
            assert all_end([pid])

    def test_ends_when_nobody_reads_what_is_being_said(self):
        with program(PROGRAM, STEADY, NOISY) as running:
            pid = pid_of(running, "s0")

            running.stdout.close()

            assert running.wait(5) == 7
            assert all_end([pid])

    def test_rests_when_a_service_has_closed_its_output(self):
        with program(PROGRAM, SHY) as running:
            pid = pid_of(running, "s0")
            before = cpu_seconds(running.pid)

            time.sleep(1)

            assert cpu_seconds(running.pid) - before < 0.3
            assert is_alive(pid)

    def test_says_that_it_was_stopped_and_not_told_to_end(self):
        supervisor = Supervisor([Service("s0", [sys.executable, "-c", STEADY], {})])
        before = signal.getsignal(signal.SIGTERM)

        was_told = supervisor.run(when_started=lambda: supervisor.stop() or True)

        assert not was_told
        assert signal.getsignal(signal.SIGTERM) == before


def cpu_seconds(pid: int) -> float:
    fields = fields_of(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
