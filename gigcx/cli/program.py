"""The app for a command, and what is said when it cannot be made."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from pydantic import ValidationError

from gigcx.config import Settings
from gigcx.principal import Principal, acting_as


def settings_or_exit() -> Settings:
    """Return the settings, or end with a line that names what is missing."""
    try:
        return Settings.from_env()
    except ValidationError as error:
        names = ", ".join(str(e["loc"][0]).upper() for e in error.errors())
        raise click.ClickException(
            f"Set {names} in the environment, or start everything with `gigcx up`."
        ) from None


def make_app() -> Flask:
    """Make the program for a process."""
    from gigcx.app import create_app  # noqa: PLC0415 - `gigcx up` and `--help` need none of it

    return create_app(settings_or_exit())


@contextmanager
def working_as(who: Principal) -> Iterator[Flask]:
    """Let a command work on the database as somebody."""
    app = make_app()
    with app.app_context(), acting_as(who):
        yield app
