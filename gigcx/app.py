"""The program: settings in, a Flask app out, with its database roles, gateways and pages."""

import structlog
from flask import Flask

from gigcx import api, web
from gigcx.api import problems
from gigcx.config import DATABASE_ROLES, Settings
from gigcx.db import db
from gigcx.gateways.mail import MailGateway
from gigcx.gateways.stripe import StripeGateway
from gigcx.http import failures, health, wiring
from gigcx.web import errors

STATEMENT_SECONDS = 30
LOCK_SECONDS = 10
REQUEST_BYTES_MAX = 64 * 1024 * 1024


def create_app(settings: Settings) -> Flask:
    """Make the program. Every process of ours is this app: web, worker, relay, scheduler."""
    app = Flask("gigcx", static_folder="web/static", template_folder="web/templates")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.url_of("web")
    app.config["SQLALCHEMY_BINDS"] = {
        role: settings.url_of(role) for role in DATABASE_ROLES if role not in {"web", "migrator"}
    }
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_pre_ping": True,
        "connect_args": {
            "application_name": "gigcx",
            "options": f"-c timezone=UTC -c statement_timeout={STATEMENT_SECONDS}s"
            f" -c lock_timeout={LOCK_SECONDS}s -c idle_in_transaction_session_timeout=60s",
        },
    }
    app.config["MAX_CONTENT_LENGTH"] = REQUEST_BYTES_MAX
    app.config["REDIS_URL"] = settings.redis_url
    _log_as_json(settings.log_level)
    db.init_app(app)
    app.extensions["gigcx.stripe"] = StripeGateway(
        settings.stripe_api_key.get_secret_value() or "sk_not_set",
        base_address=settings.stripe_address,
        webhook_secrets=settings.webhook_secrets,
    )
    app.extensions["gigcx.mail"] = MailGateway(settings.smtp_url, sender=settings.mail_from)
    wiring.register(app, settings)
    failures.register(app, api=problems.as_problem, web=errors.as_page)
    api.register(app)
    web.register(app)
    health.register(app, redis_url=settings.redis_url)
    return app


def _log_as_json(level: str) -> None:
    """Log one JSON object a line, with no bodies and no texts of people."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
