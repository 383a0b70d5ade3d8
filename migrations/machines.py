"""SQL that several migrations write in the same words. Frozen: added to, never changed."""

_REFUSE = """
CREATE FUNCTION {thing}_may_become(state text, wanted text) RETURNS boolean IMMUTABLE LANGUAGE sql
RETURN (state, wanted) IN ({pairs});
CREATE FUNCTION {thing}_moves_along_its_map() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.state ELSE 'start' END;
BEGIN
    IF NOT {thing}_may_become(was, NEW.state) THEN
        RAISE EXCEPTION '{thing}: % to % is not a transition', was, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = '{thing}_moves_along_its_map';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {thing}_is_born_at_the_start BEFORE INSERT ON {table}
    FOR EACH ROW EXECUTE FUNCTION {thing}_moves_along_its_map();
CREATE TRIGGER {thing}_moves BEFORE UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION {thing}_moves_along_its_map();
"""


def machine(thing: str, table: str, arrows: str) -> str:
    """Return the SQL that lets ``table.state`` move only along ``arrows``.

    :param arrows: ``start>open open>claimed …``; ``start`` is the state before birth.
    """
    pairs = ", ".join("('{}', '{}')".format(*arrow.split(">")) for arrow in arrows.split())
    return _REFUSE.format(thing=thing, table=table, pairs=pairs)


def frozen(table: str, columns: str) -> str:
    """Return the SQL that lets no update change these columns (space-separated)."""
    listed = ", ".join(f"'{column}'" for column in columns.split())
    return f"""
CREATE TRIGGER {table}_keep BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION keep({listed});
"""


def append_only(table: str) -> str:
    """Return the SQL that refuses update, delete and truncate, also to the owner."""
    return f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse('{table}');
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('{table}');
"""


OF_THE_BRANDS = (
    "brand_id = ANY (string_to_array(current_setting('app.brand_ids', true), ',')::uuid[])"
)
"""The row policy of every brand-owned table: no sub-query, so that it also reaches shards."""


def of_one_brand(table: str) -> str:
    """Return the SQL that closes a brand-owned table to all but its brand's people and the platform.

    The web may read and add rows of its brands; what may be changed is granted column by column.
    """
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON {table}
    TO gigcx_worker, gigcx_finance, gigcx_relay, gigcx_admin, gigcx_migrator
    USING (true) WITH CHECK (true);
CREATE POLICY brand ON {table} TO gigcx_web USING ({OF_THE_BRANDS}) WITH CHECK ({OF_THE_BRANDS});
GRANT SELECT ON {table} TO gigcx_finance, gigcx_admin;
GRANT SELECT, INSERT ON {table} TO gigcx_web, gigcx_worker;
"""
