"""What every blueprint of the API is: strict in what it reads, tagged in what it answers."""

import json
from typing import Any, NoReturn

import flask
import marshmallow
from flask_smorest import Blueprint
from typing_extensions import override
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from gigcx.http.etag import conditional


class StrictParser(FlaskParser):
    """Reads bodies and queries; refuses names that it does not know, also in queries."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - webargs declares it so
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": marshmallow.RAISE,
    }

    @override
    def _raw_load_json(self, req: flask.Request) -> Any:
        body = req.get_data(cache=True)
        if not req.is_json:
            if body:
                raise UnsupportedMediaType("Send JSON, as application/json.")
            return missing
        try:
            return json.loads(body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise BadRequest("The body is not JSON.") from error

    @override
    def handle_error(
        self,
        error: marshmallow.ValidationError,
        req: flask.Request,
        schema: marshmallow.Schema,
        *,
        error_status_code: int | None,
        error_headers: Any,
    ) -> NoReturn:
        messages = error.messages
        if isinstance(messages, dict) and len(messages) == 1:
            (messages,) = messages.values()  # Without the name of the place: "json", "query".
        raise marshmallow.ValidationError(messages) from error


class Resource(Blueprint):
    """The routes of one resource below ``/api/v1``."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, *, path: str) -> None:
        super().__init__(
            name.replace("-", "_"),
            import_name,
            url_prefix=f"/api/v1{path}",
            description=name.replace("-", " ").capitalize(),
        )
        self.after_request(conditional)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
