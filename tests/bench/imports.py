"""How quick ``gigcx import`` is, and what it needs: the real messages, over and over.

The file is read by the command itself, on a durable PostgreSQL of its own.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice, product
from pathlib import Path

import click

import gigcx
from gigcx.app import create_app
from gigcx.cli.database import create_roles, migrate
from gigcx.config import Settings
from gigcx.sandbox.postgres import EmbeddedPostgres
from tests.factories import identity
from tests.servers import settings_of
from tests.story.lines import queue_lines

SHORT = 150
"""Characters of a message as it is written into a form; the real ones have 500 on average."""
TARGET = 2_000
"""Tickets a second."""
SIZES = tuple(int(size) for size in os.environ.get("SIZES", "20000 100000").split())


def main() -> None:
    """Print rate and memory for two sizes and two lengths of messages."""
    click.echo("messages     characters   tickets   seconds   per second   of target   memory MB")
    with (
        tempfile.TemporaryDirectory(prefix="gigcx-bench-") as folder,
        EmbeddedPostgres(Path(folder)) as server,
    ):
        settings = settings_of(server.url(), "postgres")
        create_roles(settings)
        migrate(settings)
        for length, size in product((SHORT, None), SIZES):
            with create_app(settings).app_context():
                slug = identity.brand().slug
            click.echo(row(settings, Path(folder) / f"{slug}.jsonl", slug, size, length))


def row(settings: Settings, file: Path, slug: str, size: int, length: int | None) -> str:
    """Return what importing a file of this size took."""
    characters = write(file, size, length)
    seconds, memory = run(settings, slug, file)
    kind = "as they are" if length is None else "short      "
    return (
        f"{kind}  {characters / size:10.0f}  {size:8,}  {seconds:8.1f}"
        f"  {size / seconds:11,.0f}  {size / seconds / TARGET:9.2f}x  {memory:10.0f}"
    )


def write(file: Path, size: int, length: int | None) -> int:
    """Write a file of tickets and return how many characters their texts have."""
    characters = 0
    with file.open("w", encoding="utf-8") as out:
        for record in records(size, length):
            characters += len(record["text"])
            out.write(json.dumps(record) + "\n")
    return characters


def records(size: int, length: int | None) -> Iterator[dict[str, str]]:
    """Yield tickets, each with an id and a customer of its own."""
    real = [json.loads(line) for line in queue_lines(400).splitlines()]
    for n, record in enumerate(islice(cycle(real), size)):
        yield {
            "id": f"t-{n}",
            "title": record["title"] or "",
            "text": record["text"][:length],
            "product": record["product"],
            "topic": record["topic"],
            "customer": f"c-{n}",
            "email": f"someone{n}@example.org",
        }


def run(settings: Settings, slug: str, file: Path) -> tuple[float, float]:
    """Import a file by the command; return its seconds, and megabytes at the most."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [
            *(sys.executable, "-c", "from gigcx.cli import main; main()"),
            *("import", "tickets", str(file), "--brand", slug),
        ],
        env=os.environ
        | {
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "SECRET_KEY": settings.secret_key.get_secret_value(),
        },
        cwd=Path(gigcx.__file__).parents[1],
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return time.perf_counter() - started, memory_of(used)


def memory_of(used: resource.struct_rusage) -> float:
    """Return the megabytes that a process held at the most."""
    return used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
