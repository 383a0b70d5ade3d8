"""The ``gigcx`` command: processes, imports, audits."""

import click

from gigcx.cli.audit import audit
from gigcx.cli.database import database
from gigcx.cli.demo import demo
from gigcx.cli.imports import import_
from gigcx.cli.ledger import ledger
from gigcx.cli.mail import mail
from gigcx.cli.outbox import outbox
from gigcx.cli.processes import mailbox, relay, scheduler, stripe, web, worker
from gigcx.cli.rulebook import rules
from gigcx.cli.secrets import secrets
from gigcx.cli.up import reset, up


@click.group()
def main() -> None:
    """GigCX: gig customer service."""


for _command in (
    up,
    reset,
    web,
    worker,
    relay,
    scheduler,
    stripe,
    mailbox,
    database,
    demo,
    import_,
    ledger,
    audit,
    secrets,
    mail,
    outbox,
    rules,
):
    main.add_command(_command)
