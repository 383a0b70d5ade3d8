"""People can be forgotten: their words go, money and the audit stay.

Why: a customer or an expert may ask for it (GDPR, article 17), and nothing is kept for longer than
it is needed (article 5).

Locks: ``customers`` gains a nullable column: ACCESS EXCLUSIVE for an instant. One trigger is
replaced; the rest are grants.
Deploy: before the code.
Undo: ``downgrade`` takes the grants back; what was erased stays erased.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

from migrations.machines import frozen

revision = "0012"
down_revision = "0011"

GRANTS = """
ALTER TABLE customers ADD COLUMN erased_at timestamptz
    CONSTRAINT customer_erased_has_no_address CHECK (erased_at IS NULL OR email IS NULL);
GRANT UPDATE (subject) ON tickets TO gigcx_worker;
GRANT UPDATE (masked_text) ON messages TO gigcx_worker;
GRANT UPDATE (evidence) ON incidents TO gigcx_worker;
GRANT UPDATE (detail) ON action_requests TO gigcx_worker;
GRANT UPDATE (comment) ON ratings TO gigcx_worker;
GRANT DELETE ON originals, attachments, files, import_chunks TO gigcx_worker;
DROP TRIGGER action_requests_keep ON action_requests;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(GRANTS)
    op.execute(frozen("action_requests", "brand_id id ticket_id claim_id kind requested_by"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE customers DROP COLUMN erased_at")
    op.execute("DROP TRIGGER action_requests_keep ON action_requests")
    op.execute(frozen("action_requests", "brand_id id ticket_id claim_id kind detail requested_by"))
    op.execute("REVOKE DELETE ON originals, attachments, files FROM gigcx_worker")
    op.execute("REVOKE UPDATE (comment) ON ratings FROM gigcx_worker")
    op.execute("REVOKE UPDATE (detail) ON action_requests FROM gigcx_worker")
    op.execute("REVOKE UPDATE (evidence) ON incidents FROM gigcx_worker")
    op.execute("REVOKE UPDATE (masked_text) ON messages FROM gigcx_worker")
    op.execute("REVOKE UPDATE (subject) ON tickets FROM gigcx_worker")
