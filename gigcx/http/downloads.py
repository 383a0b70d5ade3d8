"""Files leave as downloads: saved, never shown, whatever they say they are."""

from dataclasses import dataclass
from typing import Protocol

from flask import Response

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


def download(file: Downloadable) -> Response:
    """Return a file as a download, under its name and without its type."""
    response = Response(file.content, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    response.headers["Content-Security-Policy"] = POLICY
    return response
