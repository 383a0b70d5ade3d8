"""Documents that must be complete: the data map and the walk through ASVS."""

import re
from pathlib import Path

from tests.architecture.test_migrations import BRAND_OWNED, SHARED

DOCS = Path(__file__).parents[2] / "docs"
LEVELS_1_AND_2 = 253
"""Items of ASVS 5.0.0."""


def test_the_data_map_names_every_table():
    rows = [
        line for line in (DOCS / "data-map.md").read_text().splitlines() if line.startswith("| `")
    ]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]

    assert sorted(named) == sorted(BRAND_OWNED | SHARED | {"brands"})


def test_the_walk_through_asvs_says_something_of_each_item_once():
    rows = [
        line for line in (DOCS / "security.md").read_text().splitlines() if line.startswith("| V")
    ]
    items = [item for row in rows for item in re.findall(r"V\d+\.\d+\.\d+", row.split("|")[1])]
    states = {row.split("|")[2].strip() for row in rows}

    assert len(items) == len(set(items)) == LEVELS_1_AND_2
    assert states == {"met", "partly", "not met", "does not apply", "does not apply here"}
