"""A file's records, one after the other, in memory that does not grow with the file."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LINE_MAX = 256 * 1024
"""Bytes of one record. A longer one is refused and read past."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file, or why it cannot be read."""

    end: int
    """Where the next one starts, in bytes from the start of the file."""
    fields: dict[str, Any] | None
    problem: str = ""


def read_records(
    chunks: Iterator[bytes], *, start: int, columns: list[str] | None
) -> Iterator[Record]:
    """Yield the records from byte ``start`` on; empty lines count as none.

    :param chunks: the file's bytes from ``start`` on.
    :param columns: the header of a CSV file; None for JSON lines.
    """
    for end, raw in _lines(chunks, start=start, is_csv=columns is not None):
        if raw is None:
            yield Record(end, None, f"The line is longer than {LINE_MAX // 1024} kB.")
            continue
        try:
            text = raw.decode("utf-8-sig").strip("\r\n")
        except UnicodeDecodeError as error:
            yield Record(end, None, f"Not UTF-8 at byte {error.start + 1} of the line.")
            continue
        if text.strip():
            yield _parsed(end, text, columns)
        else:
            yield Record(end, {})


def header_of(first: bytes) -> list[str] | None:
    """Return the columns of a CSV file by its first line, or None for JSON lines.

    :raises ValueError: if it is neither, saying why.
    """
    line = first.split(b"\n", 1)[0].decode("utf-8-sig", errors="replace").strip()
    if line.startswith("{") or not line:
        return None
    try:
        return [column.strip().lower() for column in next(csv.reader([line]))]
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _parsed(end: int, text: str, columns: list[str] | None) -> Record:
    if "\x00" in text or "\\u0000" in text:
        return Record(end, None, "The line holds a NUL character.")
    return Record(end, *(_of_json(text) if columns is None else _of_csv(text, columns)))


def _of_json(text: str) -> tuple[dict[str, Any] | None, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None, "The line is not JSON."
    if not isinstance(found, dict):
        return None, "The line is not a JSON object."
    return found, ""


def _of_csv(text: str, columns: list[str]) -> tuple[dict[str, Any] | None, str]:
    try:
        values = next(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (csv.Error, StopIteration) as error:
        return None, f"The line is not CSV: {error}."
    if len(values) != len(columns):
        return None, f"The line has {len(values)} values for {len(columns)} columns."
    return dict(zip(columns, values, strict=True)), ""


def _lines(
    chunks: Iterator[bytes], *, start: int, is_csv: bool
) -> Iterator[tuple[int, bytes | None]]:
    """Yield where each line ends and its bytes, or None for one that is too long."""
    kept = bytearray()
    is_too_long = False
    position = start
    for chunk in chunks:
        at = 0
        while (newline := chunk.find(b"\n", at)) >= 0:
            if not is_too_long:
                kept += chunk[at : newline + 1]
            at = newline + 1
            if is_csv and not is_too_long and kept.count(b'"') % 2:
                is_too_long = len(kept) > LINE_MAX
                continue  # The line break is inside a quoted value.
            yield position + at, _line(kept, is_too_long=is_too_long)
            kept.clear()
            is_too_long = False
        if not is_too_long:
            kept += chunk[at:]
        if len(kept) > LINE_MAX:
            is_too_long = True
            kept.clear()
        position += len(chunk)
    if kept or is_too_long:
        yield position, _line(kept, is_too_long=is_too_long)


def _line(kept: bytearray, *, is_too_long: bool) -> bytes | None:
    return None if is_too_long or len(kept) > LINE_MAX else bytes(kept)
