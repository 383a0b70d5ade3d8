"""The schema: how it comes and goes, and the rules that keep a move to shards open."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import alembic.command
import alembic.config
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import gigcx
from gigcx.cli.database import MIGRATIONS, create_roles, migrate
from gigcx.config import DATABASE_ROLES
from gigcx.db import db
from tests.rows import tables
from tests.servers import fresh

BRAND_OWNED = tables("BRAND_OWNED")
SHARED = tables("SHARED")
VERSIONS = sorted((MIGRATIONS / "versions").glob("*.py"))
COLUMN_FAULTS = {"add_table", "add_column", "remove_column", "modify_nullable"}
THINGS = sa.text("""
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
       AND relname NOT LIKE 'alembic%'
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
       AND typname NOT LIKE '%alembic%'""")


@pytest.fixture(scope="module")
def catalogue(admin_engine):
    """Return a connection to the migrated database."""
    with admin_engine.connect() as connection:
        yield connection


def configuration() -> alembic.config.Config:
    made = alembic.config.Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("path_separator", "os")
    return made


class TestMigrations:
    def test_go_up_and_down_and_up_again(self, request):
        with fresh(request.config, "scratch") as settings:
            create_roles(settings)
            migrate(settings)
            engine = sa.create_engine(settings.url_of("migrator"), poolclass=sa.NullPool)
            with engine.connect() as connection:
                down = configuration()
                down.attributes["connection"] = connection
                alembic.command.downgrade(down, "base")
                assert connection.scalars(THINGS).all() == []
            migrate(settings)

    def test_have_one_head(self):
        assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1

    @pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
    def test_say_why_what_they_lock_when_to_deploy_and_how_to_undo(self, path: Path):
        header = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""

        assert re.findall(r"^(Why|Locks|Deploy|Undo): ", header, re.MULTILINE) == [
            "Why",
            "Locks",
            "Deploy",
            "Undo",
        ]


class TestModels:
    def test_have_the_columns_of_their_tables(self, catalogue):
        for module in pkgutil.walk_packages(gigcx.__path__, "gigcx."):
            if module.name.endswith(".models"):
                importlib.import_module(module.name)
        known = set(db.metadata.tables)
        context = MigrationContext.configure(
            catalogue,
            opts={
                "include_name": lambda name, kind, _parents: kind != "table" or name in known,
                "compare_server_default": False,
            },
        )
        changes = compare_metadata(context, db.metadata)
        flat = [
            change for entry in changes for change in (entry if type(entry) is list else [entry])
        ]

        assert [change for change in flat if change[0] in COLUMN_FAULTS] == []


class TestTables:
    def test_are_each_brand_owned_or_shared(self, catalogue):
        tables = catalogue.scalars(
            sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )

        assert set(tables) - {"alembic_version", "brands"} == BRAND_OWNED | SHARED
        assert set() == BRAND_OWNED & SHARED

    def test_are_all_under_row_level_security_and_so_is_their_owner(self, catalogue):
        open_ones = catalogue.scalars(
            sa.text("""
                SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                   AND relkind IN ('r', 'p') AND relname <> 'alembic_version'
                   AND NOT (relrowsecurity AND relforcerowsecurity)""")
        )

        assert open_ones.all() == []


class TestBrandOwnedTables:
    def test_have_unique_keys_that_start_with_the_brand(self, catalogue):
        rows = catalogue.execute(
            sa.text("""
                SELECT t.relname, i.relname FROM pg_index x
                  JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
                  LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
                 WHERE x.indisunique AND t.relname = ANY (:owned)
                   AND a.attname IS DISTINCT FROM 'brand_id'"""),
            {"owned": sorted(BRAND_OWNED)},
        )

        assert rows.all() == []

    def test_have_primary_keys(self, catalogue):
        rows = catalogue.scalars(
            sa.text("""
                SELECT conrelid::regclass::text FROM pg_constraint
                 WHERE contype = 'p' AND connamespace = 'public'::regnamespace""")
        )

        assert BRAND_OWNED - set(rows) == set()

    def test_refer_with_the_brand_and_stay_on_their_side(self, catalogue):
        rows = catalogue.execute(
            sa.text("""
                SELECT conrelid::regclass::text AS table, confrelid::regclass::text AS target,
                       attname AS first, confdeltype = 'n' AS sets_null, condeferrable AS waits
                  FROM pg_constraint
                  JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
                 WHERE contype = 'f' AND connamespace = 'public'::regnamespace""")
        )
        faults = [
            row
            for row in rows
            if (
                row.target not in BRAND_OWNED | {"brands"}
                or row.first != "brand_id"
                or row.sets_null
                or row.waits
                if row.table in BRAND_OWNED
                else row.target in BRAND_OWNED | {"brands"}
            )
        ]

        assert faults == []

    def test_get_their_ids_from_the_program(self, catalogue):
        rows = catalogue.execute(
            sa.text("""
                SELECT table_name, column_name FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = ANY (:owned)
                   AND (is_identity = 'YES' OR column_default LIKE 'nextval%')"""),
            {"owned": sorted(BRAND_OWNED)},
        )

        assert rows.all() == []

    def test_have_policies_without_sub_queries(self, catalogue):
        rows = catalogue.execute(
            sa.text("""
                SELECT tablename, policyname FROM pg_policies WHERE tablename = ANY (:owned)
                   AND concat(qual, with_check) ~* 'select'"""),
            {"owned": sorted(BRAND_OWNED)},
        )

        assert rows.all() == []


class TestRoles:
    def test_are_bound_by_row_level_security(self, catalogue):
        rows = catalogue.execute(
            sa.text("""
                SELECT rolname FROM pg_roles WHERE rolname = ANY (:names)
                   AND NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)"""),
            {"names": [f"gigcx_{role}" for role in DATABASE_ROLES]},
        )

        assert len(rows.all()) == len(DATABASE_ROLES)

    def test_own_nothing_but_the_migrator(self, catalogue):
        owners = catalogue.scalars(
            sa.text("""
                SELECT DISTINCT relowner::regrole::text FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace""")
        )

        assert owners.all() == ["gigcx_migrator"]

    def test_are_in_no_other_role(self, catalogue):
        members = catalogue.scalars(
            sa.text("SELECT member::regrole::text FROM pg_auth_members WHERE roleid >= 16384")
        )

        assert [name for name in members if name.startswith("gigcx_")] == []


class TestFunctions:
    def test_of_triggers_never_ask_for_their_table(self, catalogue):
        rows = catalogue.scalars(
            sa.text("""
                SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                   AND prorettype = 'trigger'::regtype AND prosrc ~* 'tg_(table_name|relname|relid)'
            """)
        )

        assert rows.all() == []

    def test_that_run_as_their_owner_are_not_for_everybody(self, catalogue):
        rows = catalogue.scalars(
            sa.text("""
                SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                   AND prosecdef AND has_function_privilege('public', oid, 'EXECUTE')""")
        )

        assert rows.all() == []

    def test_that_run_as_their_owner_look_in_one_schema(self, catalogue):
        rows = catalogue.scalars(
            sa.text("""
                SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                   AND prosecdef AND NOT coalesce(
                       'search_path=public, pg_temp' = ANY (proconfig), false)""")
        )

        assert rows.all() == []
