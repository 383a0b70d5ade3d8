"""``gigcx rules``: the book of business rules, written from the docstrings that state them.

Not ``rules.py``: in this project that name means the pure rules of a feature.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

PROJECT = Path(__file__).parents[2]
BOOK = PROJECT / "docs" / "rules.md"
_RULE = re.compile(
    r"R-(?P<feature>[a-z_]+)-(?P<number>\d+): (?P<sentence>.+?)(?:\n\s*\n|\Z)", re.DOTALL
)
_TOP = """# Rules

Every business rule with the one function that decides it. Written by `make rules` from the
docstrings of `rules.py` and of the predicates in `queries.py`; edit those.

| id | rule | decided by |
|---|---|---|
"""


@dataclass(frozen=True, order=True)
class Rule:
    """One rule, as its docstring states it."""

    feature: str
    number: int
    sentence: str
    path: str
    """From the project's root, with slashes."""
    function: str

    @property
    def id(self) -> str:
        """The id by which docstrings, errors and tests name the rule."""
        return f"R-{self.feature}-{self.number}"


@click.command("rules")
@click.option("--check", is_flag=True, help="Write nothing; fail if docs/rules.md is old.")
def rules(*, check: bool) -> None:
    """Write docs/rules.md from the docstrings of the rules.

    :raises click.ClickException: with ``--check``, if the book is not what would be written.
    """
    book = written(read_rules(PROJECT))
    if not check:
        BOOK.write_text(book, encoding="utf-8")
    elif not BOOK.exists() or BOOK.read_text(encoding="utf-8") != book:
        raise click.ClickException("docs/rules.md is old: run `make rules`.")


def read_rules(project: Path) -> list[Rule]:
    """Return all rules of the project, by feature and number, without importing any of it."""
    return sorted(rule for path in rule_files(project) for rule in _rules_of(path, project))


def rule_files(project: Path) -> list[Path]:
    """Return the files in which rules may be stated, also where one has become a package."""
    return sorted(
        path
        for name in ("rules", "queries")
        for pattern in (f"gigcx/*/{name}.py", f"gigcx/*/{name}/*.py")
        for path in project.glob(pattern)
    )


def written(found: list[Rule]) -> str:
    """Return the book as Markdown."""
    return _TOP + "".join(
        f"| {rule.id} | {rule.sentence.replace('|', '&#124;')} "
        f"| [{rule.path.removeprefix('gigcx/')}](../{rule.path}) `{rule.function}` |\n"
        for rule in found
    )


def _rules_of(path: Path, project: Path) -> Iterator[Rule]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef):
            continue
        stated = _RULE.match(ast.get_docstring(node) or "")
        if stated:
            yield Rule(
                feature=stated["feature"],
                number=int(stated["number"]),
                sentence=" ".join(stated["sentence"].split()),
                path=path.relative_to(project).as_posix(),
                function=node.name,
            )
