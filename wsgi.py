"""The web program for any WSGI server: ``gunicorn wsgi:app``, ``flask --app wsgi run``."""

import sys

from pydantic import ValidationError

from gigcx.app import create_app
from gigcx.config import Settings

try:
    app = create_app(Settings.from_env())
except ValidationError as error:
    missing = ", ".join(str(e["loc"][0]).upper() for e in error.errors())
    sys.exit(f"Set {missing} in the environment (README: pointing at real servers).")
