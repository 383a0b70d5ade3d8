"""Everybody's mailbox: takes every mail by SMTP and shows it on a page."""

import sqlite3
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import flask
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.serving import make_server

BYTES_MAX = 1024 * 1024
SHOWN_MAX = 200
_PAGE = Markup(
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>Mailbox</title><main><h1>Mailbox</h1>{0}</main></html>"
)


class Mailbox:
    """Mails in one file."""

    def __init__(self, path: str) -> None:
        """Open or make the file."""
        self._lock = threading.Lock()
        self._line = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._line.execute(
            "CREATE TABLE IF NOT EXISTS mails"
            " (n INTEGER PRIMARY KEY, message_id TEXT UNIQUE, recipient TEXT, subject TEXT,"
            " text TEXT)"
        )

    def keep(self, raw: bytes) -> None:
        """Keep a mail; the same one again is the same one."""
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(("plain",))
        with self._lock:
            self._line.execute(
                "INSERT OR IGNORE INTO mails (message_id, recipient, subject, text)"
                " VALUES (?, ?, ?, ?)",
                (mail["Message-ID"], mail["To"], mail["Subject"], body and body.get_content()),
            )

    def latest(self) -> list[tuple[str, str, str]]:
        """Return (recipient, subject, text), the latest first."""
        with self._lock:
            return self._line.execute(
                "SELECT recipient, subject, text FROM mails ORDER BY n DESC LIMIT ?", (SHOWN_MAX,)
            ).fetchall()


class _Door:
    """What the SMTP server does with a mail: keeps it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self._mailbox.keep(envelope.content)
        return "250 kept"


def serve(*, smtp_port: int, port: int, file: Path) -> None:
    """Take mails and show them until the process ends."""
    box = Mailbox(str(file))
    smtp = Controller(_Door(box), hostname="127.0.0.1", port=smtp_port, data_size_limit=BYTES_MAX)
    smtp.start()
    make_server("127.0.0.1", port, create_page(box), threaded=True).serve_forever()


def create_page(box: Mailbox) -> flask.Flask:
    """Make the page that shows the mails."""
    app = flask.Flask(__name__)

    @app.get("/")
    def show() -> ResponseReturnValue:
        mails = Markup("").join(
            Markup("<article><h2>{1}</h2><p>To {0}</p><pre>{2}</pre></article>").format(
                recipient, subject, _linked(text)
            )
            for recipient, subject, text in box.latest()
        )
        return _PAGE.format(mails or Markup("<p>No mail yet.</p>"))

    return app


def _linked(text: str) -> Markup:
    """Make addresses of the text's lines into links."""
    return Markup("\n").join(
        Markup('<a href="{0}">{0}</a>').format(line) if line.startswith("http") else line
        for line in text.splitlines()
    )
