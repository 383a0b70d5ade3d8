"""``gigcx demo``: a marketplace to look at."""

import click
import pyotp
from rich.console import Console
from rich.progress import Progress

from gigcx.cli.program import make_app


@click.group()
def demo() -> None:
    """Fill an empty database with a marketplace to look at."""


@demo.command()
def load() -> None:
    """Load the demo through the services and print who can sign in."""
    from gigcx.sandbox import demo as marketplace  # noqa: PLC0415 - texts that nobody else needs

    app = make_app()
    # Progress goes to stderr: what is printed are the sign-ins.
    with app.app_context(), Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Loading the demo", total=None)

        def show(done: int, total: int, what: str) -> None:
            progress.update(task, completed=done, total=total, description=what)

        logins = marketplace.load(show)
    for login in logins:
        code = (
            f"  one-time codes: .venv/bin/gigcx demo code {login.totp_secret}"
            if login.totp_secret
            else ""
        )
        place = f" at {login.brand}" if login.brand else ""
        click.echo(f"{login.role}{place}: {login.email}  password {login.password}{code}")


@demo.command()
@click.argument("secret")
def code(secret: str) -> None:
    """Print the one-time code of this half minute, as an authenticator with SECRET would."""
    click.echo(pyotp.TOTP(secret).now())
