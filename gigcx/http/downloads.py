"""Files leave as downloads: saved, never shown, whatever they say they are."""

import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from defusedcsv import csv
from flask import Response, stream_with_context

POLICY = "default-src 'none'; sandbox"
"""Should a browser show a file after all, nothing in it runs."""


class Downloadable(Protocol):
    """A file with its bytes."""

    @property
    def name(self) -> str:
        """As the sender called it."""

    @property
    def content(self) -> bytes:
        """Its bytes."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written for this answer."""

    name: str
    content: bytes


def download_table(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return a table as a download, line by line, so that its length costs no memory.

    No cell of it is a formula to a spreadsheet, whatever somebody has written there.
    """

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        for row in itertools.chain([head], rows):
            writer.writerow(row)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    response = Response(stream_with_context(lines()), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def download(file: Downloadable) -> Response:
    """Return a file as a download, under its name and without its type."""
    response = Response(file.content, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    response.headers["Content-Security-Policy"] = POLICY
    return response
