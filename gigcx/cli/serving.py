"""What gunicorn loads for ``gigcx web``."""

from gigcx.app import create_app
from gigcx.config import Settings

app = create_app(Settings.from_env())
