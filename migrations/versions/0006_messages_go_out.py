"""Messages go out once to each listener, events come in once, and what was done is on record.

Why: a message is written with the business change. The relay alone numbers it, in the order in
which it saw it committed, and makes one delivery per listener; retries are counted there only.
Audit rows are linked afterwards by one sequencer, so that no chain lock is shared by requests.

Locks: none, the tables are new.
Deploy: before any code.
Undo: ``downgrade`` drops the tables with their rows.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

from migrations.machines import append_only, frozen, machine

revision = "0006"
down_revision = "0005"

MESSAGES = """
CREATE TABLE outbox_messages (
    id uuid PRIMARY KEY,
    brand_id uuid,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    written_at timestamptz NOT NULL,
    seq bigint CONSTRAINT outbox_seq_is_new UNIQUE
) WITH (fillfactor = 70);
CREATE INDEX outbox_unnumbered ON outbox_messages (written_at) WHERE seq IS NULL;
CREATE TABLE outbox_deliveries (
    message_id uuid NOT NULL REFERENCES outbox_messages ON DELETE CASCADE,
    listener text NOT NULL,
    state text NOT NULL DEFAULT 'due',
    attempts smallint NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    last_error text,
    PRIMARY KEY (message_id, listener)
) WITH (fillfactor = 70);
CREATE INDEX outbox_due ON outbox_deliveries (next_at) WHERE state IN ('due', 'failed');
CREATE INDEX outbox_dead ON outbox_deliveries (next_at) WHERE state = 'dead';
CREATE TABLE inbound_events (
    source text NOT NULL,
    account text NOT NULL DEFAULT '',
    event_id text NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    state text NOT NULL DEFAULT 'received',
    attempts smallint NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL,
    last_error text,
    PRIMARY KEY (source, account, event_id)
);
CREATE INDEX inbound_events_undone ON inbound_events (received_at)
    WHERE state IN ('received', 'processing', 'failed');
CREATE TABLE idempotent_answers (
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_sha256 bytea NOT NULL,
    status smallint NOT NULL,
    body jsonb NOT NULL,
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE TABLE schedules (
    name text PRIMARY KEY,
    cron text NOT NULL,
    next_at timestamptz NOT NULL,
    last_started_at timestamptz,
    last_finished_at timestamptz,
    last_error text
);
"""

AUDIT = """
CREATE TABLE audit_rows (
    id uuid PRIMARY KEY,
    brand_id uuid,
    actor_id uuid,
    action text NOT NULL,
    subject text NOT NULL,
    purpose text,
    data jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL
);
CREATE INDEX audit_rows_brand ON audit_rows (brand_id, at DESC);
CREATE INDEX audit_rows_subject ON audit_rows (subject, at DESC);
CREATE TABLE audit_unlinked (audit_id uuid PRIMARY KEY);
CREATE TABLE audit_links (
    seq bigint PRIMARY KEY,
    audit_id uuid NOT NULL UNIQUE REFERENCES audit_rows,
    sha256 bytea NOT NULL
);
CREATE FUNCTION audit_queue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    INSERT INTO audit_unlinked VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_queue AFTER INSERT ON audit_rows
    FOR EACH ROW EXECUTE FUNCTION audit_queue();
CREATE FUNCTION audit_sha256(p_before bytea, p_seq bigint, p_row audit_rows) RETURNS bytea
LANGUAGE sql STABLE SET timezone = 'UTC' AS $$
    SELECT sha256(p_before || convert_to(p_seq || '|' || to_jsonb(p_row)::text, 'UTF8'))
$$;
CREATE FUNCTION audit_link(p_limit int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r audit_rows; s bigint; h bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(7230001);
    SELECT seq, sha256 INTO s, h FROM audit_links ORDER BY seq DESC LIMIT 1;
    s := coalesce(s, 0); h := coalesce(h, decode('00', 'hex'));
    FOR r IN SELECT a.* FROM audit_rows a JOIN audit_unlinked u ON u.audit_id = a.id
             ORDER BY a.id LIMIT p_limit LOOP
        s := s + 1; h := audit_sha256(h, s, r);
        INSERT INTO audit_links VALUES (s, r.id, h);
        DELETE FROM audit_unlinked WHERE audit_id = r.id;
    END LOOP;
    RETURN s;
END $$;
CREATE VIEW audit_breaks WITH (security_invoker = true) AS
    SELECT l.seq
      FROM (SELECT *, lag(sha256, 1, decode('00', 'hex')) OVER w AS before,
                   seq - lag(seq, 1, 0::bigint) OVER w AS gap
              FROM audit_links WINDOW w AS (ORDER BY seq)) l
      LEFT JOIN audit_rows a ON a.id = l.audit_id
     WHERE l.gap <> 1 OR a.id IS NULL OR l.sha256 <> audit_sha256(l.before, l.seq, a);
"""

MACHINES = (
    machine(
        "outbox_delivery",
        "outbox_deliveries",
        "start>due due>done due>failed failed>done failed>dead dead>due",
    ),
    machine(
        "inbound_event",
        "inbound_events",
        "start>received received>processing processing>processed processing>ignored"
        " processing>failed failed>processing failed>dead dead>received",
    ),
)

GUARDS = (
    frozen("outbox_messages", "id brand_id kind payload written_at"),
    append_only("audit_rows"),
    append_only("audit_links"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statements in (MESSAGES, AUDIT, *MACHINES, *GUARDS):
        op.execute(statements)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP VIEW audit_breaks")
    op.execute("DROP FUNCTION audit_link, audit_sha256")
    op.execute(
        "DROP TABLE audit_links, audit_unlinked, audit_rows, schedules, idempotent_answers,"
        " inbound_events, outbox_deliveries, outbox_messages"
    )
    op.execute("DROP FUNCTION audit_queue")
    for thing in ("outbox_delivery", "inbound_event"):
        op.execute(f"DROP FUNCTION {thing}_moves_along_its_map, {thing}_may_become")
