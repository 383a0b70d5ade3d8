"""A mail server of our own on this machine, between the program and its customers."""

import socket
import time

import pytest
from aiosmtpd.controller import Controller

from gigcx.gateways.mail import MailGateway
from gigcx.http.signatures import sign
from gigcx.jobs.inline import drain
from gigcx.sandbox.mailbox import Mailbox, _Door

SECRET = "shared with the mail server"


class Box(Mailbox):
    """A mailbox that brings mails to the program under test."""

    def __init__(self, app, path):
        super().__init__(path, secret=SECRET)
        self._app = app

    def _bring(self, raw, recipients):
        answer = self._app.test_client().post(
            "/api/v1/webhooks/mail",
            data=raw,
            content_type="message/rfc822",
            headers={
                "X-GigCX-Signature": sign(raw, secret=SECRET, at=int(time.time())),
                "X-Recipients": ",".join(recipients),
            },
        )
        assert answer.status_code == 200, answer.text
        drain()


@pytest.fixture
def box(app, monkeypatch, tmp_path):
    """Return everybody's mailbox, to which the program's mails go."""
    mailbox = Box(app, str(tmp_path / "mails.db"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    smtp = Controller(_Door(mailbox), hostname="127.0.0.1", port=port)
    smtp.start()
    gateway = MailGateway(f"smtp://127.0.0.1:{port}", sender="GigCX <no-reply@gigcx.example>")
    monkeypatch.setitem(app.extensions, "gigcx.mail", gateway)
    monkeypatch.setitem(app.config, "INBOUND_MAIL_SECRET", SECRET)
    yield mailbox
    smtp.stop()
