"""``gigcx outbox``: what waits to be delivered, and trying again what was given up."""

from uuid import UUID

import click

from gigcx import outbox as messages
from gigcx.cli.program import working_as
from gigcx.db import commit
from gigcx.paging import Page
from gigcx.principal import SYSTEM

SHOWN_MAX = 50


@click.group()
def outbox() -> None:
    """Look at messages on their way."""


@outbox.command()
def show() -> None:
    """Count what is not delivered and list what was given up."""
    with working_as(SYSTEM):
        counts = messages.counts()
        dead = messages.list_dead(Page(limit=SHOWN_MAX)).items
    click.echo(", ".join(f"{count} {state}" for state, count in counts.items()) or "All done.")
    for delivery in dead:
        click.echo(f"{delivery.message_id} {delivery.listener}: {delivery.last_error}")


@outbox.command()
@click.argument("message_id", type=UUID)
@click.argument("listener")
def replay(message_id: UUID, listener: str) -> None:
    """Try MESSAGE_ID's delivery to LISTENER again."""
    with working_as(SYSTEM):
        try:
            commit(messages.replay_delivery, message_id=message_id, listener=listener)
        except messages.NotDead as error:
            raise click.ClickException(error.detail) from None
    click.echo("It is due again.")
