"""Work can be stopped: claims, payouts, outgoing mail; and keys can be replaced.

Why: in an emergency somebody must be able to stop what does harm without stopping everything, and
the next person must see that it is stopped and why.

Locks: a new table and grants only: no lock that anybody waits for.
Deploy: before the code.
Undo: ``downgrade`` drops the table; nothing is stopped any more.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"

SHARED = ("switches",)

SWITCHES = """
CREATE TABLE switches (
    name text PRIMARY KEY CONSTRAINT switch_is_known
        CHECK (name IN ('claims', 'payouts', 'outgoing_mail')),
    is_stopped boolean NOT NULL DEFAULT false,
    reason text NOT NULL DEFAULT ''
        CONSTRAINT stop_has_reason CHECK (NOT is_stopped OR reason <> ''),
    changed_by uuid,
    changed_at timestamptz
);
INSERT INTO switches (name) VALUES ('claims'), ('payouts'), ('outgoing_mail');
ALTER TABLE switches ENABLE ROW LEVEL SECURITY;
ALTER TABLE switches FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON switches FOR SELECT USING (true);
CREATE POLICY admins ON switches FOR UPDATE TO gigcx_admin USING (true) WITH CHECK (true);
GRANT SELECT ON switches TO gigcx_web, gigcx_worker, gigcx_finance, gigcx_relay, gigcx_admin;
GRANT UPDATE (is_stopped, reason, changed_by, changed_at) ON switches TO gigcx_admin;
GRANT UPDATE (expires_at) ON api_keys TO gigcx_web, gigcx_finance;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(SWITCHES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("REVOKE UPDATE (expires_at) ON api_keys FROM gigcx_web, gigcx_finance")
    op.execute("DROP TABLE switches")
