"""``gigcx mail``: takes a mail from a mail server that pipes it in."""

import base64
import hashlib
import sys

import click

from gigcx import inbox
from gigcx.cli.program import working_as
from gigcx.db import commit
from gigcx.principal import SYSTEM


@click.group()
def mail() -> None:
    """Take mails in."""


@mail.command()
@click.argument("recipients", nargs=-1)
def receive(recipients: tuple[str, ...]) -> None:
    """Take a mail from standard input, sent to RECIPIENTS; the same one again changes nothing."""
    raw = sys.stdin.buffer.read()
    with working_as(SYSTEM):
        is_new = commit(
            inbox.receive,
            name=inbox.EventName("mail", "", hashlib.sha256(raw).hexdigest()),
            kind="mail.received",
            payload={"raw": base64.b64encode(raw).decode(), "recipients": list(recipients)},
        )
    click.echo("Taken." if is_new else "Known already.")
