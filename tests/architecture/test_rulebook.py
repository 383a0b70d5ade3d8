"""The book of rules, from an example project."""

import pytest
from click.testing import CliRunner

from gigcx.cli import rulebook

SOURCE = '''
def may_claim() -> bool:
    """R-desk-10: An expert may claim what they are certified for,
    in a language they speak | read.

    Return True or False.
    """


def _private() -> bool:
    """Not a rule."""


def check_terms() -> None:
    """R-desk-2: What was shown is what is paid."""
'''


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "gigcx" / "desk").mkdir(parents=True)
    (tmp_path / "gigcx" / "desk" / "rules.py").write_text(SOURCE)
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(rulebook, "PROJECT", tmp_path)
    monkeypatch.setattr(rulebook, "BOOK", tmp_path / "docs" / "rules.md")
    return tmp_path


class TestRules:
    def test_writes_each_rule_as_one_row_by_number(self, project):
        CliRunner().invoke(rulebook.rules, catch_exceptions=False)

        first, second = (project / "docs" / "rules.md").read_text().splitlines()[-2:]
        decided_by = "[desk/rules.py](../gigcx/desk/rules.py)"
        assert (
            first == f"| R-desk-2 | What was shown is what is paid. | {decided_by} `check_terms` |"
        )
        assert second == (
            "| R-desk-10 | An expert may claim what they are certified for, in a language they "
            f"speak &#124; read. | {decided_by} `may_claim` |"
        )

    def test_check_accepts_the_book_that_was_just_written(self, project):
        CliRunner().invoke(rulebook.rules, catch_exceptions=False)

        assert CliRunner().invoke(rulebook.rules, ["--check"]).exit_code == 0

    def test_check_refuses_an_old_book(self, project):
        (project / "docs" / "rules.md").write_text("of yesterday")

        refusal = CliRunner().invoke(rulebook.rules, ["--check"])

        assert refusal.exit_code == 1
        assert "make rules" in refusal.output
