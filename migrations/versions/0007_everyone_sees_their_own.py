"""Everyone sees their own: row-level security and grants for each database role.

Why: a forgotten filter must show nothing. Every table is closed to everybody; the web sees the
brands of ``app.brand_ids`` and what belongs to ``app.user_id``; worker, finance, admin and relay
have policies of their own and only the grants that their work needs. Nobody may delete outside
drafts, nobody may update a balance or an amount, and nobody but ``ledger_post`` writes the ledger.

Locks: ALTER TABLE takes ACCESS EXCLUSIVE for an instant on tables that nobody uses yet.
Deploy: before any code. The roles exist already: ``gigcx db upgrade`` makes them first.
Undo: ``downgrade`` opens the tables to their owner again; no row is touched.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

from migrations.machines import OF_THE_BRANDS

revision = "0007"
down_revision = "0006"

ALL_BRANDS = "gigcx_worker, gigcx_finance, gigcx_relay, gigcx_admin, gigcx_migrator"

BRAND_OWNED = [
    "memberships",
    "applications",
    "topics",
    "certificates",
    "customers",
    "orders",
    "queues",
    "contracts",
    "rewards",
    "tickets",
    "messages",
    "originals",
    "drafts",
    "ticket_events",
    "imports",
    "import_chunks",
    "import_refusals",
    "claims",
    "reservations",
    "resolutions",
    "ratings",
    "earnings",
    "fundings",
    "search_documents",
]
SHARED = [
    "users",
    "sessions",
    "api_keys",
    "login_attempts",
    "experts",
    "ledger_accounts",
    "journal_kinds",
    "journal_entries",
    "postings",
    "ledger_checkpoints",
    "stripe_calls",
    "balance_transactions",
    "payout_accounts",
    "payout_runs",
    "payout_lines",
    "payout_line_earnings",
    "outbox_messages",
    "outbox_deliveries",
    "inbound_events",
    "idempotent_answers",
    "schedules",
    "audit_rows",
    "audit_unlinked",
    "audit_links",
]

OWN = """
CREATE POLICY own ON brands FOR SELECT TO gigcx_web
    USING (id = ANY (string_to_array(current_setting('app.brand_ids', true), ',')::uuid[]));
CREATE POLICY own ON memberships FOR SELECT TO gigcx_web USING (user_id = app_user());
CREATE POLICY own ON applications FOR SELECT TO gigcx_web USING (expert_id = app_user());
-- Sign-in comes before the person is known.
CREATE POLICY people ON users TO gigcx_web USING (true) WITH CHECK (true);
CREATE POLICY people ON sessions TO gigcx_web USING (true) WITH CHECK (true);
CREATE POLICY people ON login_attempts TO gigcx_web USING (true) WITH CHECK (true);
CREATE POLICY people ON experts TO gigcx_web USING (true) WITH CHECK (true);
CREATE POLICY sign_in ON api_keys FOR SELECT TO gigcx_web USING (true);
CREATE POLICY own ON api_keys FOR INSERT TO gigcx_web WITH CHECK (user_id = app_user());
CREATE POLICY own_or_used ON api_keys FOR UPDATE TO gigcx_web USING (true) WITH CHECK (true);
CREATE POLICY own ON idempotent_answers TO gigcx_web
    USING (user_id = app_user()) WITH CHECK (user_id = app_user());
CREATE POLICY parties ON ledger_accounts FOR SELECT TO gigcx_web USING (
    brand_id = ANY (string_to_array(current_setting('app.brand_ids', true), ',')::uuid[])
    OR expert_id = (SELECT app_user()));
CREATE POLICY parties ON postings FOR SELECT TO gigcx_web
    USING (account_id = ANY (ARRAY (SELECT a.id FROM ledger_accounts a)));
CREATE POLICY parties ON journal_entries FOR SELECT TO gigcx_web
    USING (EXISTS (SELECT FROM postings p WHERE p.entry_id = journal_entries.id));
CREATE POLICY own ON payout_accounts TO gigcx_web
    USING (expert_id = app_user()) WITH CHECK (expert_id = app_user());
CREATE POLICY own ON payout_lines FOR SELECT TO gigcx_web USING (expert_id = app_user());
CREATE POLICY own ON payout_line_earnings FOR SELECT TO gigcx_web
    USING (line_id IN (SELECT l.id FROM payout_lines l));
CREATE POLICY own ON payout_runs FOR SELECT TO gigcx_web
    USING (id IN (SELECT l.run_id FROM payout_lines l));
CREATE POLICY own ON outbox_messages FOR INSERT TO gigcx_web WITH CHECK (brand_id IS NULL
    OR brand_id = ANY (string_to_array(current_setting('app.brand_ids', true), ',')::uuid[]));
CREATE POLICY received ON inbound_events FOR INSERT TO gigcx_web WITH CHECK (state = 'received');
CREATE POLICY arrivals ON inbound_events FOR SELECT TO gigcx_web USING (true);
CREATE POLICY own ON audit_rows FOR INSERT TO gigcx_web WITH CHECK (brand_id IS NULL
    OR brand_id = ANY (string_to_array(current_setting('app.brand_ids', true), ',')::uuid[]));
CREATE POLICY seen ON audit_rows FOR SELECT TO gigcx_web USING (
    brand_id = ANY (string_to_array(current_setting('app.brand_ids', true), ',')::uuid[]));
"""

HATS = """
-- Sign-in comes before the brand is known: one question, about one person, past the row policies.
CREATE FUNCTION hats_of(p_user uuid) RETURNS TABLE (role text, brand_id uuid, brand_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.role, b.id, b.name FROM memberships m JOIN brands b ON b.id = m.brand_id
     WHERE m.user_id = p_user
    UNION ALL
    SELECT 'expert', b.id, b.name FROM applications a JOIN brands b ON b.id = a.brand_id
     WHERE a.expert_id = p_user
    UNION ALL
    SELECT u.platform_role, NULL, NULL FROM users u
     WHERE u.id = p_user AND u.platform_role IS NOT NULL
     ORDER BY 1, 3
$$;
GRANT EXECUTE ON FUNCTION hats_of(uuid) TO gigcx_web, gigcx_worker, gigcx_finance, gigcx_admin;
"""

GRANTS = """
GRANT SELECT ON brands, users, experts, api_keys, ledger_accounts, postings, journal_entries,
    payout_accounts, payout_lines, payout_line_earnings, payout_runs, audit_rows TO gigcx_web;
GRANT INSERT ON users, experts, api_keys, payout_accounts TO gigcx_web;
GRANT UPDATE ON users, experts TO gigcx_web;
GRANT INSERT ON api_keys TO gigcx_finance;
GRANT UPDATE (revoked_at, last_used_on) ON api_keys TO gigcx_web, gigcx_finance;
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO gigcx_web, gigcx_admin;
GRANT SELECT, INSERT, DELETE ON login_attempts TO gigcx_web, gigcx_worker, gigcx_finance;
GRANT UPDATE (totp_last_step) ON users TO gigcx_finance;
GRANT DELETE ON sessions TO gigcx_worker;
GRANT SELECT, INSERT ON idempotent_answers TO gigcx_web, gigcx_finance, gigcx_admin;
GRANT DELETE ON idempotent_answers TO gigcx_worker;
GRANT INSERT ON outbox_messages, audit_rows
    TO gigcx_web, gigcx_worker, gigcx_finance, gigcx_admin, gigcx_relay;
GRANT INSERT ON inbound_events TO gigcx_web, gigcx_worker;
GRANT SELECT (source, account, event_id) ON inbound_events TO gigcx_web;

GRANT UPDATE ON queues, customers, topics, imports, drafts TO gigcx_web, gigcx_worker;
GRANT DELETE ON drafts, import_chunks TO gigcx_web, gigcx_worker;
GRANT UPDATE (state, declined_reason, badge) ON applications TO gigcx_web, gigcx_worker;
GRANT UPDATE (state) ON certificates TO gigcx_web, gigcx_worker;
GRANT UPDATE (effective_until) ON rewards TO gigcx_web, gigcx_worker;
GRANT UPDATE (role), DELETE ON memberships TO gigcx_web, gigcx_admin;
GRANT UPDATE (state, fence, route, priority, complexity, topic_id, first_expert_id, first_until, resolved_at,
    closed_at, escalated_at, assignee_id, merged_into_id) ON tickets TO gigcx_web, gigcx_worker;
GRANT UPDATE (state, first_replied_at, lease_until, ended_at, ended_reason) ON claims
    TO gigcx_web, gigcx_worker;
GRANT UPDATE (state, earned_minor) ON reservations TO gigcx_web, gigcx_worker;
GRANT UPDATE (state, shared_bps, decided_at) ON resolutions TO gigcx_web, gigcx_worker;
GRANT UPDATE (state, confirmed_at, release_on) ON earnings
    TO gigcx_web, gigcx_worker, gigcx_finance;
GRANT UPDATE (state, checkout_url, payment_intent, refunded_minor, succeeded_at) ON fundings
    TO gigcx_worker;
GRANT UPDATE (state) ON fundings TO gigcx_web;
GRANT UPDATE, DELETE ON search_documents TO gigcx_worker;

GRANT INSERT ON stripe_calls, balance_transactions, ledger_checkpoints, schedules TO gigcx_worker;
GRANT UPDATE ON stripe_calls, inbound_events, payout_accounts, experts, schedules TO gigcx_worker;
GRANT UPDATE (state, attempts, next_at, last_error) ON outbox_deliveries TO gigcx_worker, gigcx_admin;
-- Nobody who executes can approve: that needs approved_sha256.
GRANT UPDATE (state, completed_at, waiting_reason) ON payout_runs TO gigcx_worker;
GRANT UPDATE (state, reason) ON payout_lines TO gigcx_worker;
GRANT INSERT ON payout_runs, payout_lines, payout_line_earnings TO gigcx_finance, gigcx_worker;
GRANT DELETE ON payout_lines, payout_line_earnings TO gigcx_finance;
GRANT UPDATE (state, note, submitted_at, approved_sha256, approved_at, executed_at, waiting_reason)
    ON payout_runs TO gigcx_finance;
GRANT UPDATE (state, reason, held_until) ON payout_lines TO gigcx_finance;
GRANT UPDATE (released_by) ON stripe_calls TO gigcx_finance;

GRANT UPDATE (seq) ON outbox_messages TO gigcx_relay;
GRANT SELECT ON outbox_messages TO gigcx_relay;
GRANT SELECT, INSERT, UPDATE ON outbox_deliveries TO gigcx_relay;

GRANT INSERT, UPDATE ON brands, users, experts, api_keys TO gigcx_admin;
GRANT INSERT ON memberships TO gigcx_admin;
GRANT UPDATE (state, attempts, last_error) ON inbound_events TO gigcx_admin;

GRANT EXECUTE ON FUNCTION app_brands(), app_user() TO PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_post(uuid, text, text, jsonb, timestamptz, uuid)
    TO gigcx_web, gigcx_worker, gigcx_finance;
GRANT EXECUTE ON FUNCTION ledger_balance(bigint)
    TO gigcx_web, gigcx_worker, gigcx_finance, gigcx_admin;
GRANT EXECUTE ON FUNCTION payout_run_sha256(uuid, boolean), run_adds_up(uuid),
    run_must_be_draft(uuid) TO gigcx_worker, gigcx_finance;
GRANT EXECUTE ON FUNCTION search(uuid[], text, int) TO gigcx_web;
GRANT EXECUTE ON FUNCTION audit_link(int) TO gigcx_relay;
GRANT EXECUTE ON FUNCTION audit_sha256(bytea, bigint, audit_rows)
    TO gigcx_relay, gigcx_finance, gigcx_worker, gigcx_admin;
GRANT SELECT ON ledger_faults, audit_breaks TO gigcx_worker, gigcx_finance, gigcx_admin;
DO $$ DECLARE f regprocedure; BEGIN
    FOR f IN SELECT oid::regprocedure FROM pg_proc
              WHERE proname LIKE '%\\_may\\_become' AND pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', f);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in ("brands", *BRAND_OWNED, *SHARED):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY platform ON {table} TO {ALL_BRANDS} USING (true) WITH CHECK (true)"
        )
        op.execute(f"GRANT SELECT ON {table} TO gigcx_worker, gigcx_finance, gigcx_admin")
    for table in BRAND_OWNED[:-1]:
        op.execute(
            f"CREATE POLICY brand ON {table} TO gigcx_web"
            f" USING ({OF_THE_BRANDS}) WITH CHECK ({OF_THE_BRANDS})"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gigcx_web, gigcx_worker")
    op.execute("GRANT SELECT, INSERT ON search_documents TO gigcx_worker")
    op.execute(OWN)
    op.execute(GRANTS)
    op.execute(HATS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP FUNCTION hats_of")
    for table in ("brands", *BRAND_OWNED, *SHARED):
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
DO $$ DECLARE p record; BEGIN
    FOR p IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP POLICY %I ON %I', p.policyname, p.tablename);
    END LOOP;
END $$""")
