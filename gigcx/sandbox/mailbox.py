"""Everybody's mailbox and mail server: takes every mail by SMTP, shows it on a page, and brings
what is written to the program, signed, as a mail server would.
"""

import sqlite3
import threading
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import getaddresses, make_msgid
from pathlib import Path

import flask
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.serving import make_server

from gigcx.http.signatures import sign

BYTES_MAX = 32 * 1024 * 1024
SHOWN_MAX = 200
BROUGHT_SECONDS = 20
OURS = ("reply+", "ask+")
"""What the addresses begin with at which the program takes mail."""
_PAGE = Markup(
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>Mailbox</title><main><h1>Mailbox</h1>{0}{1}</main></html>"
)
_WRITE = Markup(
    '<details><summary>Write a mail</summary><form method="post" action="/write">'
    '<p><label>From <input name="sender" type="email" required></label></p>'
    '<p><label>To <input name="to" required></label></p>'
    '<p><label>Subject <input name="subject"></label></p>'
    '<p><label>Text <textarea name="text" required></textarea></label></p>'
    "<button>Send</button></form></details>"
)
_MAIL = Markup(
    "<article><h2>{subject}</h2><p>To {recipient}</p><pre>{text}</pre>"
    '<form method="post" action="/mails/{n}/answer">'
    '<p><label>Answer as {recipient} <textarea name="text"></textarea></label></p>'
    '<button name="how" value="answer">Answer</button> '
    '<button name="how" value="away">Out of office</button> '
    '<button name="how" value="bounce">Bounce</button></form></article>'
)


class Mailbox:
    """Mails in one file, and the way to the program."""

    def __init__(self, path: str, *, webhook_url: str = "", secret: str = "") -> None:
        """Open or make the file.

        :param webhook_url: where mails to the program are brought; empty brings none.
        """
        self._webhook_url = webhook_url
        self._secret = secret
        self._lock = threading.Lock()
        self._line = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._line.execute(
            "CREATE TABLE IF NOT EXISTS letters (n INTEGER PRIMARY KEY, message_id TEXT UNIQUE,"
            " recipient TEXT, subject TEXT, text TEXT, raw BLOB)"
        )

    def take(self, raw: bytes) -> None:
        """Keep a mail, or bring it to the program if it is for that."""
        mail = message_from_bytes(raw, policy=policy.default)
        addresses = [address for _, address in getaddresses([str(mail["To"] or "")])]
        ours = [address for address in addresses if address.startswith(OURS)]
        if ours:
            self._bring(raw, ours)
        else:
            self._keep(mail, raw)

    def latest(self) -> list[tuple[int, str, str, str]]:
        """Return (number, recipient, subject, text), the latest first."""
        with self._lock:
            return self._line.execute(
                "SELECT n, recipient, subject, text FROM letters ORDER BY n DESC LIMIT ?",
                (SHOWN_MAX,),
            ).fetchall()

    def raw(self, n: int) -> bytes:
        """Return a mail as its bytes came."""
        with self._lock:
            (raw,) = self._line.execute("SELECT raw FROM letters WHERE n = ?", (n,)).fetchone()
        return bytes(raw)

    def answer(self, n: int, *, how: str, text: str) -> None:
        """Answer a mail as its recipient, their absence note, or a server that knows them not."""
        mail = message_from_bytes(self.raw(n), policy=policy.default)
        answers = {"answer": _answer, "away": _away, "bounce": _bounce}
        self.take(answers[how](mail, text))

    def _keep(self, mail: EmailMessage, raw: bytes) -> None:
        """Keep a mail; the same one again is the same one."""
        body = mail.get_body(("plain",))
        with self._lock:
            self._line.execute(
                "INSERT OR IGNORE INTO letters (message_id, recipient, subject, text, raw)"
                " VALUES (?, ?, ?, ?, ?)",
                (mail["Message-ID"], mail["To"], mail["Subject"], body and body.get_content(), raw),
            )

    def _bring(self, raw: bytes, recipients: list[str]) -> None:
        if not self._webhook_url:
            return
        signature = sign(raw, secret=self._secret, at=int(time.time()))
        requests.post(
            self._webhook_url,
            data=raw,
            headers={
                "Content-Type": "message/rfc822",
                "X-GigCX-Signature": signature,
                "X-Recipients": ",".join(recipients),
            },
            timeout=BROUGHT_SECONDS,
        ).raise_for_status()


class _Door:
    """What the SMTP server does with a mail: takes it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self._mailbox.take(envelope.content)
        return "250 kept"


def serve(*, smtp_port: int, port: int, file: Path, webhook_url: str, secret: str) -> None:
    """Take mails and show them until the process ends."""
    box = Mailbox(str(file), webhook_url=webhook_url, secret=secret)
    smtp = Controller(_Door(box), hostname="127.0.0.1", port=smtp_port, data_size_limit=BYTES_MAX)
    smtp.start()
    make_server("127.0.0.1", port, create_page(box), threaded=True).serve_forever()


def create_page(box: Mailbox) -> flask.Flask:
    """Make the page that shows the mails and writes new ones."""
    app = flask.Flask(__name__)

    @app.get("/")
    def show() -> ResponseReturnValue:
        mails = Markup("").join(
            _MAIL.format(n=n, recipient=recipient, subject=subject, text=_linked(text))
            for n, recipient, subject, text in box.latest()
        )
        return _PAGE.format(_WRITE, mails or Markup("<p>No mail yet.</p>"))

    @app.post("/write")
    def write() -> ResponseReturnValue:
        form = flask.request.form
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = form["sender"], form["to"], form["subject"]
        mail["Message-ID"] = make_msgid(domain="mailbox.example")
        mail.set_content(form["text"])
        box.take(mail.as_bytes())
        return flask.redirect("/", code=303)

    @app.post("/mails/<int:n>/answer")
    def answer(n: int) -> ResponseReturnValue:
        box.answer(n, how=flask.request.form["how"], text=flask.request.form.get("text", ""))
        return flask.redirect("/", code=303)

    return app


def _answer(mail: EmailMessage, text: str) -> bytes:
    """Return what a person's mail program makes of an answer, the quoted mail included."""
    body = mail.get_body(("plain",))
    quoted = str(body.get_content()) if body else ""
    answer = _to_sender(mail, subject=f"Re: {mail['Subject']}")
    answer.set_content(
        f"{text}\n\nOn Tue, 24 Nov 2026 at 09:00, {mail['From']} wrote:\n"
        + "".join(f"> {line}\n" for line in quoted.splitlines())
    )
    return answer.as_bytes()


def _away(mail: EmailMessage, _text: str) -> bytes:
    note = _to_sender(mail, subject=f"Out of office: {mail['Subject']}")
    note["Auto-Submitted"] = "auto-replied"
    note.set_content("I am away until Monday and read your mail then.")
    return note.as_bytes()


def _bounce(mail: EmailMessage, _text: str) -> bytes:
    """Return a delivery report. Source: RFC 3464."""
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"] = "Mail Delivery System <mailer-daemon@mailbox.example>"
    report["To"] = str(mail["Reply-To"] or mail["From"])
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Message-ID"] = make_msgid(domain="mailbox.example")
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText("There is no such mailbox."))
    status = MIMEText(
        f"Final-Recipient: rfc822; {mail['To']}\nAction: failed\nStatus: 5.1.1\n", "delivery-status"
    )
    report.attach(status)
    report.attach(MIMEMessage(mail))
    return report.as_bytes()


def _to_sender(mail: EmailMessage, *, subject: str) -> EmailMessage:
    answer = EmailMessage()
    answer["From"] = str(mail["To"])
    answer["To"] = str(mail["Reply-To"] or mail["From"])
    answer["Subject"] = subject
    answer["Message-ID"] = make_msgid(domain="mailbox.example")
    answer["In-Reply-To"] = str(mail["Message-ID"])
    answer["References"] = f"{mail['References'] or ''} {mail['Message-ID']}".strip()
    return answer


def _linked(text: str) -> Markup:
    """Make addresses of the text's lines into links."""
    return Markup("\n").join(
        Markup('<a href="{0}">{0}</a>').format(line) if line.startswith("http") else line
        for line in (text or "").splitlines()
    )
