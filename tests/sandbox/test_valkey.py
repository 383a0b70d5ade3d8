import time

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from gigcx.sandbox.valkey import CannotStart, EmbeddedValkey
from tests.sandbox.watching import BECOME, USERS, all_end, kill, open_folder, program

PARENT = f"""
import time
from pathlib import Path
from gigcx.sandbox.valkey import EmbeddedValkey
{BECOME}
with EmbeddedValkey(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    time.sleep(60)
"""
SECONDS_UNTIL_SAVED = 1.2


@pytest.fixture
def folder():
    with open_folder() as outer:
        yield outer / 'the "data"'


@pytest.fixture
def server(folder):
    server = EmbeddedValkey(folder)
    server.start()
    yield server
    server.stop()


def client(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


class TestEmbeddedValkey:
    def test_keeps_keys_and_port_over_a_restart(self, server):
        port = server.port
        with client(server) as line:
            line.set("kept", "yes")

        server.start()

        with client(server) as line:
            assert line.get("kept") == "yes"
        assert server.port == port

    def test_keeps_keys_when_it_is_killed_a_second_later(self, server):
        with client(server) as line:
            line.set("kept", "yes")
        time.sleep(SECONDS_UNTIL_SAVED)
        kill(server.pid)

        server.start()

        with client(server) as line:
            assert line.get("kept") == "yes"

    def test_never_throws_away_what_is_queued(self, server):
        with client(server) as line:
            settings = line.config_get("appendfsync", "maxmemory-policy", "bind")

        assert settings == {
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "bind": "127.0.0.1",
        }

    def test_answers_to_the_password_only(self, server):
        with (
            redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()

    def test_leaves_the_server_of_another_launcher_alone(self, server, folder):
        with pytest.raises(CannotStart, match=r"running on .* already"):
            EmbeddedValkey(folder).start()

        with client(server) as line:
            assert line.ping()


class TestParent:
    @pytest.mark.parametrize("user", USERS)
    def test_takes_the_server_along_when_it_is_killed(self, user):
        words = [] if user is None else [user]
        with open_folder(user) as outer, program(PARENT, str(outer / "data"), *words) as parent:
            pid = int(parent.stdout.readline())

            parent.kill()

            assert all_end([pid])

    def test_may_be_followed_at_once(self, server, folder):
        server.stop()
        with program(PARENT, str(folder)) as parent:
            former = int(parent.stdout.readline())
            parent.kill()

            server.start()

            assert all_end([former])
        with client(server) as line:
            assert line.ping()
