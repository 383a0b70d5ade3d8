"""Jobs about people: the link with which one chooses a password."""

from uuid import UUID

from flask import current_app

from gigcx.gateways.mail import Mail
from gigcx.http import passwords
from gigcx.identity import queries

_TEXT = """Hello $name,

choose a password for your account here:
$link

The link is good for three days, and once. If you did not ask for it, leave it alone.
"""


def send_password_link(*, user_id: str, **_later_arguments: object) -> None:
    """Send a person the link with which they choose a password."""
    user = queries.get_user(UUID(user_id))
    if user.suspended_at is not None:
        return
    token = passwords.sign(user)
    address = f"{current_app.config['PUBLIC_URL']}/password/{token}"
    current_app.extensions["gigcx.mail"].send(
        Mail(
            to=user.email,
            subject="Choose your password",
            text=_TEXT.replace("$name", user.name).replace("$link", address),
            reference=f"password.{token.rpartition('.')[2]}",
        )
    )
