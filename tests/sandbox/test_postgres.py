import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest

from gigcx.sandbox import children
from gigcx.sandbox.postgres import CannotStart, EmbeddedPostgres
from tests.sandbox.watching import BECOME, USERS, all_end, family_of, kill, open_folder, program

PARENT = f"""
import time
from pathlib import Path
from gigcx.sandbox.postgres import EmbeddedPostgres
{BECOME}
with EmbeddedPostgres(Path(sys.argv[1]), is_durable=False) as server:
    print(server.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def folder():
    """One data folder for all tests: to make it takes longer than to start a server on it."""
    with open_folder() as outer:
        yield outer / "the data"


@pytest.fixture
def server(folder):
    server = EmbeddedPostgres(folder, is_durable=False)
    yield server
    server.stop()


def run(server: EmbeddedPostgres, statement: str) -> list[tuple]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def write_lock(folder: Path, pid: int) -> None:
    (folder / "data" / "postmaster.pid").write_text(f"{pid}\n{folder / 'data'}\n1\n1\n\n\n\n")


class TestEmbeddedPostgres:
    def test_keeps_rows_and_port_over_a_restart(self, server):
        server.start()
        port = server.port
        run(server, "CREATE TABLE kept AS SELECT 'Grüße' AS word")
        server.stop()

        server.start()

        assert run(server, "SELECT word FROM kept") == [("Grüße",)]
        assert server.port == port

    def test_answers_on_this_machine_to_the_password_only(self, server, folder):
        server.start()

        assert run(server, "SHOW listen_addresses") == [("127.0.0.1",)]
        assert run(server, "SHOW unix_socket_directories") == [("",)]
        assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url().replace("postgres:", "postgres:x", 1))

    def test_starts_again_after_it_was_killed_and_has_all_rows(self, folder):
        server = EmbeddedPostgres(folder, is_durable=True)
        server.start()
        run(server, "CREATE TABLE survivors AS SELECT 1 AS n")
        kill(server.pid)

        server.start()

        assert run(server, "SELECT n FROM survivors") == [(1,)]
        server.stop()

    def test_forgets_the_lock_of_a_dead_process(self, server, folder):
        server.start()
        pid = server.pid
        server.stop()
        write_lock(folder, pid)

        server.start()

        assert run(server, "SELECT 1") == [(1,)]

    def test_forgets_the_lock_of_a_foreign_process_and_lets_it_live(self, server, folder):
        server.start()
        server.stop()
        user = "nobody" if os.geteuid() == 0 else None
        foreign = children.start(["sleep", "60"], user=user)
        write_lock(folder, foreign.pid)

        server.start()

        assert run(server, "SELECT 1") == [(1,)]
        assert foreign.poll() is None
        children.stop(foreign, signal.SIGTERM)

    def test_forgets_a_lock_that_a_power_cut_left_empty(self, server, folder):
        server.start()
        server.stop()
        (folder / "data" / "postmaster.pid").touch()

        server.start()

        assert run(server, "SELECT 1") == [(1,)]

    def test_leaves_the_server_of_another_launcher_alone(self, server, folder):
        server.start()

        with pytest.raises(CannotStart, match=r"running on .* already"):
            EmbeddedPostgres(folder).start()

        assert run(server, "SELECT 1") == [(1,)]

    def test_takes_another_port_if_a_stranger_has_its_own(self, server, folder):
        server.start()
        with open_folder() as outer:
            (outer / "port").write_text(str(server.port))

            with EmbeddedPostgres(outer, is_durable=False) as other:
                assert other.port != server.port

    def test_says_what_the_server_said_when_it_does_not_start(self, server, folder):
        server.start()

        with open_folder() as outer, pytest.raises(CannotStart, match="TCP/IP sockets"):
            EmbeddedPostgres(outer, port=server.port).start()


class TestParent:
    @pytest.mark.parametrize("user", USERS)
    def test_takes_all_processes_along_when_it_is_killed(self, user):
        words = [] if user is None else [user]
        with open_folder(user) as outer, program(PARENT, str(outer / "data"), *words) as parent:
            processes = family_of(int(parent.stdout.readline()))

            parent.kill()

            assert len(processes) > 1
            assert all_end(processes)

    def test_may_be_followed_at_once(self, server, folder):
        server.start()
        run(server, "CREATE TABLE before AS SELECT 1 AS n")
        server.stop()
        with program(PARENT, str(folder)) as parent:
            parent.stdout.readline()
            parent.kill()

            server.start()

        assert run(server, "SELECT n FROM before") == [(1,)]

    def test_may_keep_its_files_to_itself(self):
        with open_folder() as outer, open_folder() as temporary:
            data = outer / "data"
            with program(PARENT, str(data), umask=0o077, TMPDIR=str(temporary)) as parent:
                assert int(parent.stdout.readline()) > 0
