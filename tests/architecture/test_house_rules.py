"""What ruff, mypy and import-linter cannot say about this project's code."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gigcx.cli.rulebook import PROJECT, read_rules

LINES_MAX = 400
FUNCTION_LINES_MAX = 60
EDGES = {"api", "web", "jobs", "cli", "sandbox"}
DRAWERS = {"utils", "helpers", "common", "base"}
UNIT_STARTERS = {"commit", "commit_once"}
XUNIT_NAMES = {"setup_method", "teardown_method", "setup_class", "teardown_class"}

CODE = sorted(PROJECT.glob("gigcx/**/*.py"))
TESTS = sorted(PROJECT.glob("tests/**/*.py"))
WORDS = sorted(
    path
    for pattern in ("*", "gigcx/**/*", "tests/**/*", "migrations/**/*", "docs/**/*", "bench/**/*")
    for path in PROJECT.glob(pattern)
    if path.suffix in {".py", ".md", ".toml", ".html", ".css", ".sql", ".lock", ".csv"}
    or path.name == "Makefile"
)
MACHINE_PATH = re.compile(r"(?<![\w.}>~-])/(?:tmp|root|home|work)/[A-Za-z]")
UNFINISHED = re.compile(
    r"T[O]DO|F[I]XME|Not[I]mplementedError|pytest\.(?:mark\.)?(?:s[k]ip|x[f]ail)"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path, line: int | None = None) -> str:
    return path.relative_to(PROJECT).as_posix() + (f":{line}" if line else "")


def feature_of(path: Path) -> str:
    """The folder right below ``gigcx``, or the name of a kernel module."""
    return path.relative_to(PROJECT / "gigcx").parts[0].removesuffix(".py")


def lines_that_match(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        shown(path, number)
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


class TestSize:
    def test_a_file_is_read_in_one_sitting(self):
        lengths = {shown(path): len(path.read_text().splitlines()) for path in CODE + TESTS}

        assert {name: n for name, n in lengths.items() if n > LINES_MAX} == {}

    def test_a_function_fits_on_a_screen(self):
        too_long = [
            shown(path, node.lineno)
            for path in CODE + TESTS
            for node in ast.walk(parse(path))
            if isinstance(node, Function)
            and (node.end_lineno or node.lineno) - node.lineno >= FUNCTION_LINES_MAX
        ]

        assert too_long == []


class TestNames:
    def test_no_file_is_a_drawer_for_everything(self):
        drawers = [
            shown(path)
            for path in CODE + TESTS
            if path.stem in DRAWERS or path.parent.name in DRAWERS
        ]

        assert drawers == []


class TestTransactions:
    def test_only_the_unit_of_work_commits(self):
        committers = [
            shown(path, node.lineno)
            for path in CODE
            for node in ast.walk(parse(path))
            if isinstance(node, ast.Attribute) and node.attr == "commit"
        ]

        assert [name for name in committers if not name.startswith("gigcx/db.py:")] == []

    def test_only_edges_start_a_unit_of_work(self):
        starters = [
            shown(path, node.lineno)
            for path in CODE
            if feature_of(path) not in EDGES | {"db"}
            for node in ast.walk(parse(path))
            if isinstance(node, ast.Name) and node.id in UNIT_STARTERS
        ]

        assert starters == []


class TestFeatures:
    def test_a_service_knows_the_tables_of_its_own_feature_only(self):
        services = [*PROJECT.glob("gigcx/*/service.py"), *PROJECT.glob("gigcx/*/service/*.py")]

        strangers = [
            f"{shown(path, line)} imports {module}"
            for path in services
            for line, module in imported_modules(path)
            if re.fullmatch(r"gigcx\.\w+\.models(\..*)?", module)
            and module.split(".")[1] != feature_of(path)
        ]

        assert strangers == []


class TestConnections:
    def test_only_gateways_make_them_and_only_to_addresses_of_the_settings(self):
        """So nobody can have us ask for an address of theirs (SSRF): those who add a gateway to
        addresses that users give bring the check of it.
        """
        makers = {
            shown(path)
            for path in CODE
            if feature_of(path) not in {"gateways", "sandbox"}
            for _, module in imported_modules(path)
            if module.split(".")[0] in {"requests", "urllib3", "httpx", "smtplib", "socket"}
            or module.startswith(("urllib.request", "http.client"))
        }

        assert makers == {"gigcx/cli/up.py"}, "it looks whether our own web process answers"


class TestRules:
    def test_each_has_the_id_of_its_feature(self):
        foreign = [
            f"{rule.path}: {rule.id}"
            for rule in read_rules(PROJECT)
            if rule.feature != feature_of(PROJECT / rule.path)
        ]

        assert foreign == []

    def test_no_two_have_the_same_id(self):
        ids = Counter(rule.id for rule in read_rules(PROJECT))

        assert {id_: n for id_, n in ids.items() if n > 1} == {}

    def test_each_public_function_of_rules_is_stated_as_a_rule(self):
        stated = {(rule.path, rule.function) for rule in read_rules(PROJECT)}

        unstated = [
            f"{shown(path, node.lineno)} {node.name}"
            for path in [*PROJECT.glob("gigcx/*/rules.py"), *PROJECT.glob("gigcx/*/rules/*.py")]
            for node in parse(path).body
            if isinstance(node, Function)
            and not node.name.startswith("_")
            and (shown(path), node.name) not in stated
        ]

        assert unstated == []


class TestText:
    def test_no_path_of_somebodys_machine_is_written_down(self):
        assert lines_that_match(MACHINE_PATH, WORDS) == []

    def test_nothing_is_left_for_later_or_switched_off(self):
        assert lines_that_match(UNFINISHED, CODE + TESTS) == []


class TestLostTests:
    def test_every_function_of_a_test_file_is_run(self):
        lost = [
            f"{shown(path, node.lineno)} {node.name}"
            for path in TESTS
            if path.name.startswith("test_")
            for node in lost_functions(parse(path))
        ]

        assert lost == []

    @pytest.mark.parametrize(
        ("source", "names"),
        [
            ("def claims(): assert 1", ["claims"]),
            ("class TestClaim:\n  def refuses(self): ...", ["refuses"]),
            ("class Claim:\n  def test_refuses(self): ...", ["test_refuses"]),
            ("def make(): ...\ndef test_it(): make()", []),
            ("@pytest.fixture\ndef claim(): ...", []),
            ("@pytest.fixture(autouse=True)\ndef claim(): ...", []),
        ],
    )
    def test_the_search_tells_a_lost_test_from_a_used_function(self, source, names):
        assert [node.name for node in lost_functions(ast.parse(source))] == names


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of all that is imported, ``from gigcx.desk import models`` included."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def lost_functions(tree: ast.Module) -> Iterator[Function]:
    """Functions that pytest does not collect and nobody calls."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in tree.body:
        if isinstance(node, Function):
            is_lost = not node.name.startswith("test_")
            yield from [node] if is_lost and not is_excused(node, used) else []
        elif isinstance(node, ast.ClassDef):
            is_collected = node.name.startswith("Test")
            for method in node.body:
                if isinstance(method, Function) and not is_excused(method, used):
                    is_test = method.name.startswith("test_")
                    yield from [method] if is_test != is_collected else []


def is_excused(function: Function, used: set[str]) -> bool:
    """Called by its name, by pytest or by Python, or a fixture."""
    return (
        function.name in used | XUNIT_NAMES
        or function.name.startswith("__")
        or any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list)
    )
