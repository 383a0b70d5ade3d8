"""How much of each kind of personal data is masked, on the labelled lines of ``corpus.txt``."""

import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from gigcx.masking import mask

CORPUS = Path(__file__).with_name("corpus.txt")
NAME = "José Miller-Okafor"
_TOKEN = re.compile(r"\[\w+·\w{4}\]")
_LABEL = re.compile(r"\{([a-z]+):((?:[^{}]|\{[^}]*\})*)\}")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence and the values that nobody may read."""

    language: str
    text: str
    values: list[tuple[str, str]] = field(default_factory=list)


def lines() -> list[Line]:
    """Return the corpus."""
    read = []
    for written in CORPUS.read_text().splitlines():
        if written and not written.startswith("#"):
            language, marked = written.split(" | ", 1)
            text = _LABEL.sub(lambda match: match.group(2), marked)
            read.append(Line(language, text, _LABEL.findall(marked)))
    return read


def masked(line: Line) -> str:
    """Return a line as experts read it."""
    return mask(line.text, names=[NAME], salt="corpus")


def is_hidden(value: str, line: Line) -> bool:
    """Say whether no word of a value that has two characters or more can still be read."""
    around = _words(line.text.replace(value, " "))
    shown = _words(_TOKEN.sub(" ", masked(line)))
    return not (_words(value) - around) & shown


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{2,}", text.lower()))


def missed() -> dict[tuple[str, str], list[str]]:
    """Return what was not hidden, by kind and language."""
    found = defaultdict(list)
    for line in lines():
        for kind, value in line.values:
            found[kind, line.language] += [] if is_hidden(value, line) else [value]
    return dict(found)


def report() -> str:
    """Return the table of recall per kind and language, and the lines masked without need."""
    counts, misses = defaultdict(int), missed()
    for line in lines():
        for kind, _ in line.values:
            counts[kind, line.language] += 1
    languages = sorted({language for _, language in counts})
    rows = [f"{'kind':10}" + "".join(f"{language:>9}" for language in [*languages, "all"])]
    for kind in sorted({kind for kind, _ in counts}):
        pairs = [(len(misses.get((kind, each), [])), counts[kind, each]) for each in languages]
        pairs.append((sum(lost for lost, _ in pairs), sum(count for _, count in pairs)))
        shares = (f"{count - lost}/{count}" if count else "-" for lost, count in pairs)
        rows.append(f"{kind:10}" + "".join(f"{share:>9}" for share in shares))
    plain = [line for line in lines() if not line.values]
    spoilt = [line.text for line in plain if masked(line) != line.text]
    rows.append(
        f"lines without personal data left as they are: {len(plain) - len(spoilt)}/{len(plain)}"
    )
    rows += [
        f"missed {kind} ({language}): {value}"
        for (kind, language), values in misses.items()
        for value in values
    ]
    return "\n".join([*rows, *(f"masked without need: {text}" for text in spoilt)])


if __name__ == "__main__":
    sys.stdout.write(f"{report()}\n")
