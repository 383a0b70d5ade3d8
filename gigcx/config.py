"""Settings, read from the environment once and passed in."""

import hashlib
import hmac
from typing import Literal, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url

DATABASE_ROLES = ("web", "worker", "finance", "relay", "admin", "migrator")
"""One database role for each kind of process; ``gigcx db upgrade`` creates them."""


class Settings(BaseSettings):
    """What the program must be told. Every field is an environment variable of that name."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str
    """Where PostgreSQL is. ``gigcx db upgrade`` connects as the user it names; every other
    process connects as its own role, with the password of ``password_of``."""
    redis_url: str
    secret_key: SecretStr = Field(min_length=16)
    """Signs links and sessions and derives the database roles' passwords."""
    sealing_keys: SecretStr = SecretStr("")
    """``name:base64`` of 32 bytes each, comma-separated, the one to seal with first; they keep
    secrets in the database unreadable. Empty derives one from the secret key."""
    requests_per_minute: int = Field(default=6000, gt=0)
    """What one API key or one browser may ask for."""
    stripe_api_key: SecretStr = SecretStr("")
    stripe_address: str | None = None
    """Base address of the stand-in; None is Stripe itself."""
    stripe_webhook_secrets: str = ""
    """Comma-separated: two during a rotation."""
    smtp_url: str = ""
    """As ``smtp://user:password@host:587``; empty sends no mail and says so."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Of the JSON lines on standard output; ``info`` has one for each request."""
    public_url: str = "http://127.0.0.1:5000"
    """What links in mails and Stripe's return addresses start with."""
    inbound_mail_secret: SecretStr = SecretStr("")
    """Signs the mails that a mail server hands in over HTTP; empty takes none."""
    mail_from: str = "GigCX <no-reply@gigcx.example>"

    @classmethod
    def from_env(cls) -> Self:
        """Read the environment.

        :raises pydantic.ValidationError: naming each variable that is missing or wrong.
        """
        return cls()

    def password_of(self, role: str) -> str:
        """Return the password of a database role, derived from the secret key."""
        secret = self.secret_key.get_secret_value().encode()
        return hmac.new(secret, f"database:{role}".encode(), hashlib.sha256).hexdigest()

    def url_of(self, role: str) -> URL:
        """Return the address at which a process of this role connects."""
        return make_url(self.admin_url).set(
            username=f"gigcx_{role}", password=self.password_of(role)
        )

    @property
    def admin_url(self) -> str:
        """Return ``database_url`` for our driver."""
        return self.database_url.replace("postgres://", "postgresql://", 1).replace(
            "postgresql://", "postgresql+psycopg://", 1
        )

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets with which an event of Stripe may be signed."""
        return tuple(filter(None, self.stripe_webhook_secrets.split(",")))
