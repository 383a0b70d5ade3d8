"""Brands, users, memberships, API keys."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gigcx.db import Base


class Brand(Base):
    """The firm whose customers ask."""

    __tablename__ = "brands"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    fee_bps: Mapped[int]
    """The platform's fee on each reward, in basis points, paid by the brand on top."""
    expert_title: Mapped[str]
    """What the brand calls its experts on screens."""
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]


class User(Base):
    """A person who can sign in."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None]
    totp_last_step: Mapped[int] = mapped_column(sa.BigInteger)
    """The last 30-second step whose code was accepted: a code counts once."""
    platform_role: Mapped[str | None]
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]


class Membership(Base):
    """A person's role at a brand."""

    __tablename__ = "memberships"

    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    created_at: Mapped[datetime]


class ApiKey(Base):
    """A program's way in, in the name and with one role of a person."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    name: Mapped[str]
    role: Mapped[str]
    brand_id: Mapped[UUID | None]
    sha256: Mapped[bytes]
    """Hash of the key; the key itself is shown once and never stored."""
    actions: Mapped[list[str] | None] = mapped_column(ARRAY(sa.Text))
    """Narrows what the role permits; None narrows nothing."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_on: Mapped[date | None]


class Passkey(Base):
    """A key pair that a person's device keeps; we know its public half."""

    __tablename__ = "passkeys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    name: Mapped[str]
    credential_id: Mapped[bytes]
    """What the device calls it."""
    public_key: Mapped[bytes]
    """As COSE (RFC 9052)."""
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    """How often it has signed, if the device counts; else zero."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class LoginAttempt(Base):
    """A failed sign-in, counted per account and per address."""

    __tablename__ = "login_attempts"
    __table_args__ = {"implicit_returning": False}  # noqa: RUF012 - SQLAlchemy reads it

    subject: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
