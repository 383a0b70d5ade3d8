"""The queue that the story is told with: twenty real messages, or some of our own."""

import json
from pathlib import Path

REAL = Path(__file__).parents[3] / "shared/data/matching/queue/support_queue.jsonl"
OWN = Path(__file__).parent / "support_queue.jsonl"


def queue_lines(count: int) -> bytes:
    """Return the first ``count`` lines that are there."""
    source = REAL if REAL.exists() else OWN
    lines = source.read_text(encoding="utf-8").splitlines()[:count]
    assert all(json.loads(line)["id"] for line in lines)
    return "\n".join(lines).encode() + b"\n"
