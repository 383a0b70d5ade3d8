"""``gigcx import``: a file of tickets, customers, orders or contacts into a brand."""

import json
from pathlib import Path
from uuid import UUID

import click
from rich.progress import Progress

from gigcx.cli.program import working_as
from gigcx.db import commit
from gigcx.desk.queries import imports as queries
from gigcx.desk.service import imports
from gigcx.errors import DomainError
from gigcx.identity import queries as identity
from gigcx.paging import Page
from gigcx.principal import SYSTEM, Principal
from gigcx.tickets import queries as queues

REFUSALS_SHOWN = 20


@click.command("import")
@click.argument("kind", type=click.Choice(["tickets", "customers", "orders", "contacts"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--brand", required=True, help="The brand's slug.")
@click.option("--queue", help="The queue's name; without one the file's name.")
@click.option("--map", "mapping", multiple=True, help="Our field = your column: text=body. Repeat.")
@click.option("--preview", is_flag=True, help="Show how the first lines would be read, and stop.")
@click.option("--fixed-catalog", is_flag=True, help="Refuse products that the catalogue lacks.")
def import_(
    kind: str,
    file: Path,
    brand: str,
    queue: str | None,
    mapping: tuple[str, ...],
    *,
    preview: bool,
    fixed_catalog: bool,
) -> None:
    """Read FILE (CSV or JSON lines). Killed anywhere, the same command goes on."""
    columns = dict(_pair(told) for told in mapping)
    with working_as(SYSTEM):
        brand_id, queue_id = _place(brand, queue)
        who = Principal(SYSTEM.user_id, (brand_id,), SYSTEM.roles, "", SYSTEM.database)
        try:
            with file.open("rb") as content:
                stored = commit(
                    imports.receive_file,
                    who=who,
                    kind=kind,
                    file_name=file.name,
                    content=content,
                    queue_id=queue_id,
                    options={"is_catalog_fixed": fixed_catalog},
                )
            if preview:
                _show(imports.preview_import(who, stored.id))
                return
            commit(imports.begin_import, who=who, import_id=stored.id, mapping=columns)
        except DomainError as error:
            raise click.ClickException(error.detail) from None
        _read(brand_id, stored.id)
        _report(brand_id, stored.id)


def _pair(told: str) -> tuple[str, str]:
    field, is_one, column = told.partition("=")
    if not is_one:
        raise click.ClickException(f"{told}: write it as text=body.")
    return field, column


def _show(preview: imports.Preview) -> None:
    click.echo(f"Columns: {', '.join(preview.columns)}")
    for field, column in preview.mapping.items():
        click.echo(f"{field} = {column}")
    for sample in preview.samples:
        click.echo(json.dumps(sample, ensure_ascii=False, default=str))
    if preview.missing:
        click.echo(f"Still needed: {', '.join(preview.missing)}. Name them with --map.")


def _place(brand: str, queue: str | None) -> tuple[UUID, UUID | None]:
    """Return the ids of the brand and the queue that were named."""
    owner = identity.find_brand_by_slug(brand)
    if owner is None:
        raise click.ClickException(f"There is no brand {brand}.")
    if queue is None:
        return owner.id, None
    into = queues.find_queue_by_name(brand_id=owner.id, name=queue)
    if into is None:
        raise click.ClickException(f"The brand has no queue {queue}.")
    return owner.id, into.id


def _read(brand_id: UUID, import_id: UUID) -> None:
    with Progress() as progress:
        task = progress.add_task("Reading", total=None)
        is_running = True
        while is_running:
            found = commit(imports.read_batch, brand_id=brand_id, import_id=import_id)
            progress.update(task, total=found.bytes_total, completed=found.bytes_done)
            is_running = found.is_running


def _report(brand_id: UUID, import_id: UUID) -> None:
    found = queries.get_import(SYSTEM, import_id)
    click.echo(f"{found.accepted} new, {found.known} known, {found.refused} refused.")
    for refusal in queries.list_refusals(SYSTEM, import_id, Page(limit=REFUSALS_SHOWN)).items:
        click.echo(f"line {refusal.line_number}: {refusal.field} {refusal.reason}")
    if found.kind == "tickets":
        for topic, waiting, experts in queries.certified_experts(brand_id):
            click.echo(f"{topic}: {waiting} open tickets, {experts} certified experts")
