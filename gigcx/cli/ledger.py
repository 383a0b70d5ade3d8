"""``gigcx ledger``: whether the money adds up."""

import dataclasses
import json
import sys

import click

from gigcx.cli.program import working_as
from gigcx.ledger import queries
from gigcx.principal import SYSTEM


@click.group()
def ledger() -> None:
    """Look at the ledger."""


@ledger.command("audit")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def audit(*, as_json: bool) -> None:
    """Look for what no constraint can say; end with 1 if there is any."""
    with working_as(SYSTEM):
        faults = queries.audit()
    if as_json:
        click.echo(json.dumps({"faults": [dataclasses.asdict(fault) for fault in faults]}))
    else:
        for fault in faults:
            click.echo(f"{fault.fault}: {fault.subject}")
        click.echo(f"{len(faults)} faults." if faults else "The ledger is clean.")
    sys.exit(1 if faults else 0)
