"""The web program for any WSGI server: ``gunicorn wsgi:app``, ``flask --app wsgi run``."""

import sys

import click
from gunicorn.arbiter import Arbiter
from pydantic import ValidationError

from gigcx.app import create_app
from gigcx.config import Settings

try:
    app = create_app(Settings.from_env())
except ValidationError as error:
    missing = ", ".join(str(e["loc"][0]).upper() for e in error.errors())
    click.echo(f"Set {missing} in the environment (README: pointing at real servers).", err=True)
    # By this code gunicorn stops; at any other it would try again for ever.
    sys.exit(Arbiter.APP_LOAD_ERROR)
