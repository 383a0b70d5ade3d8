"""``gigcx secrets``: the keys that keep secrets in the database unreadable."""

import base64
import os

import click

from gigcx.cli.program import working_as
from gigcx.db import commit
from gigcx.http import login
from gigcx.identity.service import signing_in
from gigcx.principal import ADMIN
from gigcx.sealing import KEY_BYTES


@click.group()
def secrets() -> None:
    """Make a sealing key, or seal anew with the first one."""


@secrets.command("new-key")
@click.argument("name")
def new_key(name: str) -> None:
    """Print a key for SEALING_KEYS: put it in front of the others, then reseal."""
    click.echo(f"{name}:{base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()}")


@secrets.command("reseal")
def reseal() -> None:
    """Seal every secret with the first key; after that the others can go."""
    with working_as(ADMIN):
        changed = commit(signing_in.reseal_totp_secrets, reseal=login.reseal)
    click.echo(f"{changed} secrets sealed anew.")
