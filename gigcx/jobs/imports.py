"""Imports are read by jobs, batch after batch."""

from uuid import UUID

from gigcx.db import commit
from gigcx.desk.service import imports


def run_import(*, brand_id: str, import_id: str, **_later_arguments: object) -> None:
    """Read an import to its end. Killed anywhere, it goes on with the next batch."""
    while True:
        found = commit(imports.read_batch, brand_id=UUID(brand_id), import_id=UUID(import_id))
        if not found.is_running:
            return
