"""``gigcx audit``: whether the record of who did what is whole."""

import sys

import click

from gigcx import audit as chain
from gigcx.cli.program import working_as
from gigcx.principal import SYSTEM


@click.group()
def audit() -> None:
    """Look at the audit chain."""


@audit.command("verify")
@click.option("--anchor", help="SEQ:HASH that an earlier run printed; kept elsewhere.")
def verify(anchor: str | None) -> None:
    """Reckon every link again; end with 1 if a row was changed, removed or put in between.

    Prints the last link. Kept outside of the database and given as --anchor, it shows as well
    whether somebody wrote the whole chain anew.
    """
    seq, _, sha256 = (anchor or "0:").partition(":")
    with working_as(SYSTEM):
        breaks = chain.find_breaks()
        is_anchored = anchor is None or chain.holds(int(seq), sha256)
        head = chain.head()
    for at in breaks:
        click.echo(f"Broken at {at}.")
    if not is_anchored:
        click.echo(f"The link {seq} is not the one of the anchor.")
    if not breaks and is_anchored:
        click.echo("The chain holds.")
    click.echo(f"Last link: {head}")
    sys.exit(1 if breaks or not is_anchored else 0)
