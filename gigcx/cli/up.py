"""``gigcx up``: the whole product on a laptop, in one command."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import click

from gigcx.sandbox.postgres import CannotStart, EmbeddedPostgres, free_port, is_enterable
from gigcx.sandbox.server_folder import ServerFolder
from gigcx.sandbox.supervisor import Service, Supervisor
from gigcx.sandbox.valkey import EmbeddedValkey

DATABASE = "gigcx"
FOLDER = Path("var")
LOGINS_FILE = "demo-logins.txt"
LOADING_FILE = "demo-is-loading"
STRIPE, SMTP, MAILBOX = 1, 2, 3
"""Where our stand-ins listen: so many ports above the web's."""
OUTSIDE = frozenset({"stripe", "mailbox"})
DESCRIPTION = Path("../shared/data/stripe/stripe_subset.json")


@click.command()
@click.option("--port", envvar="PORT", default=5000, show_default=True, help="Of the web pages.")
def up(port: int) -> None:
    """Start everything: servers, migrations, demo, web, worker, relay, scheduler. Ctrl-C ends it.

    DATABASE_URL, REDIS_URL, STRIPE_API_KEY and SMTP_URL point it at real servers instead.
    """
    folder = _folder()
    with ExitStack() as servers:
        try:
            _check_ports(port)
            environment = _environment(folder, port, servers)
        except CannotStart as error:
            raise click.ClickException(str(error)) from None
        _run("db", "upgrade", environment=environment)
        services = _services(folder, port, environment)
        if _wants_demo(folder):
            outside = [service for service in services if service.name in OUTSIDE]
            if _load_demo(folder, outside, environment):
                return
        Supervisor(services).run(when_started=_teller(folder, port, environment))


@click.command()
def reset() -> None:
    """Forget the laptop's data: ``gigcx up`` starts afresh. Real servers are not touched."""
    folder = _folder()
    try:
        for server in ("postgres", "valkey"):
            taken = ServerFolder(folder / server)
            taken.take()
            taken.wait_for_server()
    except CannotStart as error:
        raise click.ClickException(str(error)) from None
    shutil.rmtree(folder)
    click.echo("The data is gone; `gigcx up` starts afresh.")


def _folder() -> Path:
    """Return where data is: here, unless the servers' user could not enter it."""
    folder = FOLDER.resolve()
    if not is_enterable(folder):
        name = sha256(str(folder).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"gigcx-{name}"
        click.echo(f"The database's user cannot enter {FOLDER.resolve()}; data is in {folder}.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _check_ports(port: int) -> None:
    """Say at once what a service would only say in its log.

    :raises CannotStart: if another program listens where we would.
    """
    for each in (port, *(port + offset for offset in (STRIPE, SMTP, MAILBOX))):
        if free_port(each) != each:
            raise CannotStart(f"Port {each} is in use. Choose others: PORT={port + 1000} make run")


def _wants_demo(folder: Path) -> bool:
    """Say whether the database is our own and has none: it never joins real data."""
    ours = {"DATABASE_URL", "STRIPE_API_KEY", "SMTP_URL"}.isdisjoint(os.environ)
    return ours and not (folder / LOGINS_FILE).exists()


def _environment(folder: Path, port: int, servers: ExitStack) -> dict[str, str]:
    """Return what all processes are told, with servers started for what nobody has named."""
    told = dict(os.environ)
    told.setdefault("SECRET_KEY", _secret(folder))
    told.setdefault("LOG_LEVEL", "warning")
    told.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")
    if "DATABASE_URL" not in told:
        postgres = servers.enter_context(EmbeddedPostgres(folder / "postgres"))
        told["DATABASE_URL"] = postgres.url(DATABASE)
        is_half_loaded = (folder / LOADING_FILE).exists()
        if is_half_loaded:
            for name in OUTSIDE:
                (folder / f"{name}.db").unlink(missing_ok=True)
        create_database(postgres.url(), DATABASE, is_anew=is_half_loaded)
    if "REDIS_URL" not in told:
        told["REDIS_URL"] = servers.enter_context(EmbeddedValkey(folder / "valkey")).url
    if "STRIPE_API_KEY" not in told:
        told["STRIPE_API_KEY"] = "sk_test_stand_in"
        told["STRIPE_WEBHOOK_SECRETS"] = "whsec_stand_in"
        told["STRIPE_ADDRESS"] = f"http://127.0.0.1:{port + STRIPE}"
    if "SMTP_URL" not in told:
        told["SMTP_URL"] = f"smtp://127.0.0.1:{port + SMTP}"
        told.setdefault("INBOUND_MAIL_SECRET", secrets.token_hex(32))
    return told


def _services(folder: Path, port: int, environment: Mapping[str, str]) -> list[Service]:
    def service(name: str, *words: str) -> Service:
        return Service(name, [_gigcx(), *words], environment)

    services = []
    if environment.get("STRIPE_ADDRESS", "").startswith("http://127.0.0.1"):
        described = ["--description", str(DESCRIPTION.resolve())] if DESCRIPTION.exists() else []
        services.append(
            service(
                "stripe",
                "stripe",
                f"--port={port + STRIPE}",
                f"--file={folder / 'stripe.db'}",
                f"--webhook-url=http://127.0.0.1:{port}/api/v1/webhooks/stripe",
                *described,
            )
        )
    if environment["SMTP_URL"].startswith("smtp://127.0.0.1"):
        services.append(
            service(
                "mailbox",
                "mailbox",
                f"--smtp-port={port + SMTP}",
                f"--port={port + MAILBOX}",
                f"--file={folder / 'mailbox.db'}",
                f"--webhook-url=http://127.0.0.1:{port}/api/v1/webhooks/mail",
            )
        )
    return [
        *services,
        service("web", "web", f"--port={port}"),
        service("worker", "worker"),
        service("relay", "relay"),
        service("scheduler", "scheduler"),
    ]


def _load_demo(folder: Path, services: list[Service], environment: Mapping[str, str]) -> bool:
    """Load the demo with nothing but the outside at hand: a scheduler would end its past's leases.

    :param services: the stand-ins for Stripe and mail.
    :return: whether Ctrl-C or the like ended it.
    """
    (folder / LOADING_FILE).touch()
    outside = Supervisor(services)

    def load() -> bool:
        if not _answers(environment["STRIPE_ADDRESS"]):
            return False
        click.echo("Loading the demo marketplace. This is done once.")
        logins = _run("demo", "load", environment=environment, is_shown=False)
        (folder / LOGINS_FILE).write_text(logins)
        (folder / LOADING_FILE).unlink()
        outside.stop()
        return True

    return outside.run(when_started=load)


def _teller(folder: Path, port: int, environment: Mapping[str, str]) -> Callable[[], bool]:
    """Return what tells people where to go, once the web answers."""

    def tell() -> bool:
        if not _answers(f"http://127.0.0.1:{port}/readyz"):
            return False
        logins = folder / LOGINS_FILE
        click.echo(f"\nGigCX is ready: {environment['PUBLIC_URL']}")
        if "SMTP_URL" not in os.environ:
            click.echo(f"Mails to customers: http://127.0.0.1:{port + MAILBOX}")
        click.echo(logins.read_text() if logins.exists() else "")
        click.echo("Ctrl-C stops everything.\n")
        return True

    return tell


def _answers(address: str) -> bool:
    """Say whether a server answers, be it that it knows no such page."""
    try:
        with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500  # noqa: PLR2004 - it is there, and well
    except OSError:
        return False


def _run(*words: str, environment: Mapping[str, str], is_shown: bool = True) -> str:
    """Run a command of ours to its end and return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own command
        [_gigcx(), *words],
        env=dict(environment),
        check=False,
        text=True,
        stdout=None if is_shown else subprocess.PIPE,
    )
    if done.returncode != 0:
        raise click.ClickException(f"`gigcx {' '.join(words)}` failed.")
    return done.stdout or ""


def create_database(admin_url: str, name: str, *, is_anew: bool = False) -> None:
    """Make the database unless it is there.

    :param is_anew: whether what is there is of no use.
    """
    import psycopg  # noqa: PLC0415 - not needed with a real server
    from psycopg import sql  # noqa: PLC0415

    with psycopg.connect(admin_url, autocommit=True) as line:
        if is_anew:
            line.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
        if not line.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            line.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _secret(folder: Path) -> str:
    file = folder / "secret_key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32))
    return file.read_text()


def _gigcx() -> str:
    """Return our own command, beside the Python that runs us."""
    return str(Path(sys.executable).with_name("gigcx"))
