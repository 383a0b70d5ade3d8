from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn, TypeAlias, TypeVar

import flask
from apispec import APISpec
from flask import Flask
from flask.views import MethodView
from marshmallow import Schema
from marshmallow.fields import Field
from typing_extensions import override
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

# A decorated view is called by Flask alone: keeping its own type says all that mypy can use.
_View = TypeVar("_View", bound=Callable[..., Any] | type[MethodView])
AnySchema: TypeAlias = Schema | type[Schema] | Mapping[str, Field[Any]] | str

def abort(http_status_code: int, exc: BaseException | None = None, **kwargs: Any) -> NoReturn: ...

class Api:
    DEFAULT_ERROR_RESPONSE_NAME: ClassVar[str | None]
    ERROR_SCHEMA: ClassVar[type[Schema]]
    spec: APISpec
    config: Mapping[str, Any]
    def __init__(
        self,
        app: Flask | None = None,
        *,
        spec_kwargs: Mapping[str, Any] | None = None,
        config_prefix: str = "",
    ) -> None: ...
    def init_app(self, app: Flask, *, spec_kwargs: Mapping[str, Any] | None = None) -> None: ...
    def register_blueprint(
        self,
        blp: Blueprint,
        *,
        parameters: Sequence[Mapping[str, Any]] | None = None,
        **options: Any,
    ) -> None: ...
    def register_converter(
        self,
        converter: type[BaseConverter],
        func: Callable[[BaseConverter], Mapping[str, Any]],
    ) -> None: ...
    def register_field(self, field: type[Field[Any]], *args: Any) -> None: ...
    def handle_http_exception(self, error: HTTPException) -> Any: ...
    def _register_error_handlers(self) -> None: ...
    def _openapi_json(self) -> flask.Response: ...

class Blueprint(flask.Blueprint):
    description: str
    def __init__(
        self, name: str, import_name: str, *, description: str = "", **kwargs: Any
    ) -> None: ...
    @override
    def route(
        self,
        rule: str,
        *,
        parameters: Sequence[Mapping[str, Any] | str] | None = None,
        tags: Iterable[str] | None = None,
        **options: Any,
    ) -> Callable[[_View], _View]: ...
    @override
    def get(self, rule: str, **options: Any) -> Callable[[_View], _View]: ...
    @override
    def post(self, rule: str, **options: Any) -> Callable[[_View], _View]: ...
    @override
    def put(self, rule: str, **options: Any) -> Callable[[_View], _View]: ...
    @override
    def patch(self, rule: str, **options: Any) -> Callable[[_View], _View]: ...
    @override
    def delete(self, rule: str, **options: Any) -> Callable[[_View], _View]: ...
    def arguments(
        self,
        schema: AnySchema,
        *,
        location: str = "json",
        content_type: str | None = None,
        required: bool = True,
        description: str | None = None,
        example: Any = None,
        examples: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Callable[[_View], _View]: ...
    def response(
        self,
        status_code: int | str,
        schema: AnySchema | None = None,
        *,
        content_type: str | None = None,
        description: str | None = None,
        example: Any = None,
        examples: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Callable[[_View], _View]: ...
    def alt_response(
        self,
        status_code: int | str,
        response: str | None = None,
        *,
        schema: AnySchema | None = None,
        content_type: str | None = None,
        description: str | None = None,
        example: Any = None,
        examples: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        success: bool = False,
    ) -> Callable[[_View], _View]: ...
    @staticmethod
    def doc(**kwargs: Any) -> Callable[[_View], _View]: ...
