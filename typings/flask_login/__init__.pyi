from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Request
from flask.typing import ResponseReturnValue

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Loader = TypeVar("_Loader", bound=Callable[[str], Any])
_RequestLoader = TypeVar("_RequestLoader", bound=Callable[[Request], Any])
_Handler = TypeVar("_Handler", bound=Callable[[], ResponseReturnValue])

current_user: Any
"""A proxy of whatever the user loader returned, or of the anonymous user."""

class UserMixin:
    @property
    def is_active(self) -> bool: ...
    @property
    def is_authenticated(self) -> bool: ...
    @property
    def is_anonymous(self) -> bool: ...
    def get_id(self) -> str: ...

class AnonymousUserMixin:
    @property
    def is_active(self) -> bool: ...
    @property
    def is_authenticated(self) -> bool: ...
    @property
    def is_anonymous(self) -> bool: ...
    def get_id(self) -> None: ...

class LoginManager:
    anonymous_user: Callable[[], Any]
    login_view: str | None
    blueprint_login_views: dict[str, str | None]
    login_message: str | None
    login_message_category: str
    session_protection: str | None
    def __init__(self, app: Flask | None = None, add_context_processor: bool = True) -> None: ...
    def init_app(self, app: Flask, add_context_processor: bool = True) -> None: ...
    def user_loader(self, callback: _Loader) -> _Loader: ...
    def request_loader(self, callback: _RequestLoader) -> _RequestLoader: ...
    def unauthorized_handler(self, callback: _Handler) -> _Handler: ...
    def unauthorized(self) -> ResponseReturnValue: ...

def login_user(
    user: Any,
    remember: bool = False,
    duration: timedelta | None = None,
    force: bool = False,
    fresh: bool = True,
) -> bool: ...
def logout_user() -> bool: ...
def login_required(func: Callable[_P, _T]) -> Callable[_P, _T]: ...
