"""Puts the parts of this folder on an app, in the order in which they look at a request."""

from flask import Flask

from gigcx.config import Settings
from gigcx.http import access, csrf, headers, limits, login, sessions, tracing
from gigcx.http.converters import IdConverter
from gigcx.sealing import Sealer, read_keys


def register(app: Flask, settings: Settings) -> None:
    """Let the app know who asks and what they may; before any blueprint is registered."""
    is_https = settings.public_url.startswith("https://")
    app.config["SECRET_KEY"] = settings.secret_key.get_secret_value()
    app.extensions["gigcx.sealer"] = Sealer(
        read_keys(
            settings.sealing_keys.get_secret_value(),
            otherwise=settings.secret_key.get_secret_value(),
        )
    )
    app.config["INBOUND_MAIL_SECRET"] = settings.inbound_mail_secret.get_secret_value()
    app.config["MAIL_FROM"] = settings.mail_from
    app.config["PUBLIC_URL"] = settings.public_url
    app.url_map.converters["id"] = IdConverter
    tracing.register(app)
    headers.register(app, is_https=is_https)
    sessions.register(app, is_https=is_https)
    login.register(app)
    limits.register(
        app, redis_url=settings.redis_url, requests_per_minute=settings.requests_per_minute
    )
    access.register(app)
    csrf.register(app, public_url=settings.public_url)
