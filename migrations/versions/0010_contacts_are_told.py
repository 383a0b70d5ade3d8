"""Contacts that were answered elsewhere are told, and what an in-house answer costs.

Why: without the questions that another helpdesk or a phone answered, repeat contact is
undercounted; without the cost of the brand's own staff the routes cannot be compared.

Locks: ``queues`` and ``resolutions`` gain a nullable column each, ``imports`` another check that is
a superset of the old one: ACCESS EXCLUSIVE for an instant, and a scan of ``imports``, which is
small.
Deploy: before the code.
Undo: ``downgrade`` drops the table with its rows, and the imports of contacts.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

from migrations.machines import append_only, of_one_brand

revision = "0010"
down_revision = "0009"

BRAND_OWNED = ("contacts",)

CONTACTS = """
CREATE TABLE contacts (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    external_id text NOT NULL CONSTRAINT contact_has_external_id CHECK (external_id <> ''),
    customer_id uuid NOT NULL,
    topic_id uuid,
    resolver text NOT NULL CONSTRAINT contact_resolver_is_known
        CHECK (resolver IN ('expert', 'in_house', 'bot', 'other')),
    status text NOT NULL CONSTRAINT contact_status_is_known
        CHECK (status IN ('solved', 'unsolved', 'abandoned')),
    rating smallint CONSTRAINT contact_rating_is_one_to_five CHECK (rating BETWEEN 1 AND 5),
    cost_minor bigint CONSTRAINT contact_cost_is_not_negative CHECK (cost_minor >= 0),
    currency char(3),
    contacted_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, customer_id) REFERENCES customers,
    FOREIGN KEY (brand_id, topic_id) REFERENCES topics,
    CONSTRAINT contact_is_new UNIQUE (brand_id, external_id),
    CONSTRAINT contact_cost_has_currency CHECK ((cost_minor IS NULL) = (currency IS NULL))
);
CREATE INDEX contacts_of_customer ON contacts (brand_id, customer_id, contacted_at);
ALTER TABLE imports DROP CONSTRAINT import_kind_is_known;
ALTER TABLE imports ADD CONSTRAINT import_kind_is_known
    CHECK (kind IN ('tickets', 'customers', 'orders', 'contacts'));
ALTER TABLE queues ADD COLUMN in_house_cost_minor bigint
    CONSTRAINT queue_in_house_cost_is_not_negative CHECK (in_house_cost_minor >= 0);
ALTER TABLE resolutions ADD COLUMN cost_minor bigint
    CONSTRAINT resolution_cost_is_not_negative CHECK (cost_minor >= 0);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(CONTACTS)
    op.execute(append_only("contacts"))
    op.execute(of_one_brand("contacts"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE resolutions DROP COLUMN cost_minor")
    op.execute("ALTER TABLE queues DROP COLUMN in_house_cost_minor")
    op.execute("DELETE FROM imports WHERE kind = 'contacts'")
    op.execute("ALTER TABLE imports DROP CONSTRAINT import_kind_is_known")
    op.execute(
        "ALTER TABLE imports ADD CONSTRAINT import_kind_is_known"
        " CHECK (kind IN ('tickets', 'customers', 'orders'))"
    )
    op.execute("DROP TABLE contacts")
