"""The data map names every table, and no table that is not there."""

import re
from pathlib import Path

from tests.architecture.test_migrations import BRAND_OWNED, SHARED

MAP = Path(__file__).parents[2] / "docs" / "data-map.md"


def test_the_data_map_names_every_table():
    rows = [line for line in MAP.read_text().splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]

    assert sorted(named) == sorted(BRAND_OWNED | SHARED | {"brands"})
