"""``gigcx db``: the roles, then the migrations."""

from pathlib import Path

import alembic.command
import alembic.config
import click
import psycopg
import sqlalchemy as sa
from psycopg import sql

from gigcx.config import DATABASE_ROLES, Settings

MIGRATIONS = Path(__file__).parents[2] / "migrations"


@click.group("db")
def database() -> None:
    """Create roles and tables, and say where the database is."""


@database.command()
def upgrade() -> None:
    """Bring the database to the newest migration."""
    settings = Settings.from_env()
    create_roles(settings)
    migrate(settings)
    click.echo("The database is up to date.")


@database.command()
@click.argument("role", type=click.Choice(DATABASE_ROLES), default="web")
def url(role: str) -> None:
    """Print the address at which processes of ROLE connect, password included."""
    click.echo(Settings.from_env().url_of(role).render_as_string(hide_password=False))


def create_roles(settings: Settings) -> None:
    """Create the database roles or renew their passwords, as the user of ``DATABASE_URL``.

    None may bypass row-level security, and all but the migrator own nothing.

    :raises psycopg.Error: if that user may not create roles.
    """
    address = settings.admin_url.replace("+psycopg", "", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        for role in DATABASE_ROLES:
            name = sql.Identifier(f"gigcx_{role}")
            known = connection.execute(
                "SELECT FROM pg_roles WHERE rolname = %s", [f"gigcx_{role}"]
            ).fetchone()
            connection.execute(
                sql.SQL(
                    "{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOINHERIT"
                    " PASSWORD {}"
                ).format(
                    sql.SQL("CREATE" if known is None else "ALTER"),
                    name,
                    sql.Literal(settings.password_of(role)),
                )
            )
        connection.execute("GRANT CREATE, USAGE ON SCHEMA public TO gigcx_migrator")


def migrate(settings: Settings, revision: str = "head") -> None:
    """Run the migrations as the migration role."""
    engine = sa.create_engine(settings.url_of("migrator"), poolclass=sa.NullPool)
    configuration = alembic.config.Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        configuration.attributes["connection"] = connection
        alembic.command.upgrade(configuration, revision)
