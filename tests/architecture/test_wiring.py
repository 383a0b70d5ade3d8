"""What belongs together is together: kinds and listeners, errors and pages, routes and document."""

import inspect
import re
from pathlib import Path

from gigcx import errors
from gigcx.jobs.registry import BY_NAME, CRONS, LISTENERS

CODE = Path(__file__).parents[2] / "gigcx"
PUT = re.compile(r'outbox\.put\(\s*\w+,\s*"([a-z_.]+)"')


def put_kinds():
    return {
        kind
        for path in CODE.rglob("*.py")
        for kind in PUT.findall(path.read_text(encoding="utf-8"))
    }


def every_error(kind=errors.DomainError):
    for child in kind.__subclasses__():
        yield child
        yield from every_error(child)


class TestMessages:
    def test_of_every_kind_are_in_the_registry(self):
        assert put_kinds() - set(LISTENERS) == set()

    def test_are_ordered_by_the_clock_only_if_somebody_hears_them(self):
        assert {kind for kind in CRONS if not LISTENERS.get(kind)} == set()

    def test_survive_arguments_of_a_later_version(self):
        strict = [
            name
            for name, listener in BY_NAME.items()
            if not any(
                parameter.kind is inspect.Parameter.VAR_KEYWORD
                for parameter in inspect.signature(listener.run).parameters.values()
            )
        ]

        assert strict == []


class TestErrors:
    def test_have_a_page_each(self, app, undone):
        client = app.test_client()
        codes = {error.code for error in every_error() if hasattr(error, "code")}

        missing = [code for code in codes if client.get(f"/problems/{code}").status_code != 200]

        assert len(codes) > 30
        assert missing == []

    def test_have_a_kind_that_has_a_status(self):
        kinds = (errors.NotFound, errors.NotAllowed, errors.Conflict, errors.Unavailable)

        assert [e for e in every_error() if hasattr(e, "code") and not issubclass(e, kinds)] == []


class TestTheDocument:
    def test_describes_every_route_of_the_api(self, app, undone):
        document = app.test_client().get("/api/openapi.json").get_json()
        described = {
            (method.upper(), re.sub(r"\{[^}]+\}", "{}", path))
            for path, operations in document["paths"].items()
            for method in operations
            if method in {"get", "post", "put", "patch", "delete"}
        }
        routes = {
            (method, re.sub(r"<[^>]+>", "{}", rule.rule))
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith("/api/v1")
            for method in rule.methods - {"HEAD", "OPTIONS"}
        }

        assert document["openapi"].startswith("3.1")
        assert described == routes
