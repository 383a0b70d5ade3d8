"""``wsgi:app`` under the servers that people start by hand."""

import subprocess
import sys
from pathlib import Path

import pytest

import gigcx

PROJECT = Path(gigcx.__file__).parents[1]
SERVERS = {
    "gunicorn": ["-m", "gunicorn", "wsgi:app", "--bind", "127.0.0.1:0"],
    "flask": ["-m", "flask", "--app", "wsgi", "run", "--port", "0"],
}


@pytest.mark.parametrize("server", SERVERS)
def test_says_what_is_missing_and_ends(server):
    done = subprocess.run(
        [sys.executable, *SERVERS[server]],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.returncode != 0
    assert "Set DATABASE_URL, REDIS_URL, SECRET_KEY in the environment" in done.stderr
