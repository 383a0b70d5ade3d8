"""People hold passkeys, and see where they are signed in.

Why: a passkey cannot be told to a stranger on the telephone, as a password and a code can; and who
fears that somebody else is signed in as them must see it and be able to end it.

Locks: sessions are rewritten under an exclusive lock, one short row for each browser: milliseconds.
Deploy: before the code.
Undo: ``downgrade`` drops the passkeys; people sign in with their passwords again.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"

SHARED = ("passkeys",)

PASSKEYS = """
CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    name text NOT NULL,
    credential_id bytea NOT NULL CONSTRAINT passkey_is_new UNIQUE,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX passkeys_user ON passkeys (user_id);
ALTER TABLE passkeys ENABLE ROW LEVEL SECURITY;
ALTER TABLE passkeys FORCE ROW LEVEL SECURITY;
-- Sign-in comes before the person is known.
CREATE POLICY sign_in ON passkeys FOR SELECT TO gigcx_web USING (true);
CREATE POLICY used ON passkeys FOR UPDATE TO gigcx_web USING (true) WITH CHECK (true);
CREATE POLICY own ON passkeys FOR INSERT TO gigcx_web WITH CHECK (user_id = app_user());
CREATE POLICY own_ends ON passkeys FOR DELETE TO gigcx_web USING (user_id = app_user());
CREATE POLICY erased ON passkeys TO gigcx_worker USING (true);
GRANT SELECT, INSERT, DELETE ON passkeys TO gigcx_web;
GRANT UPDATE (sign_count, last_used_at) ON passkeys TO gigcx_web;
GRANT SELECT, DELETE ON passkeys TO gigcx_worker;
"""

SESSIONS = """
ALTER TABLE sessions
    ADD COLUMN id uuid NOT NULL DEFAULT uuidv7(),
    ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN agent text NOT NULL DEFAULT '';
"""

STUCK = """
-- Whoever runs the platform sees that a lease is stuck, and nothing of what is asked in it.
CREATE FUNCTION stuck_leases(p_before timestamptz)
RETURNS TABLE (brand_name text, ticket_id uuid, claimant text, lease_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT b.name, c.ticket_id, c.claimant, c.lease_until
      FROM claims c JOIN brands b ON b.id = c.brand_id
     WHERE c.state = 'active' AND c.claimant = 'expert' AND c.lease_until < p_before
     ORDER BY c.lease_until LIMIT 100
$$;
REVOKE EXECUTE ON FUNCTION stuck_leases(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stuck_leases(timestamptz) TO gigcx_admin;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(PASSKEYS)
    op.execute(SESSIONS)
    op.execute(STUCK)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE sessions DROP COLUMN id, DROP COLUMN last_seen_at, DROP COLUMN agent")
    op.execute("DROP FUNCTION stuck_leases(timestamptz)")
    op.execute("DROP TABLE passkeys")
