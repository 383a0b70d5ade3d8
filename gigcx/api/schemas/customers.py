"""What travels about customers."""

from marshmallow import fields

from gigcx.api.schemas.kernel import Id, Strict, instant


class CustomerSchema(Strict):
    """Somebody who bought from the brand or asks it something."""

    id = Id("customer")
    external_id = fields.String()
    name = fields.String()
    email = fields.String(allow_none=True)
    language = fields.String()
    objects_to_experiments = fields.Boolean()
    created_at = instant()
    erased_at = instant(allow_none=True)


class CustomerExportSchema(Strict):
    """All that is held about a customer; the columns say what they are."""

    customer = fields.Dict(keys=fields.String())
    orders = fields.List(fields.Dict(keys=fields.String()))
    contacts = fields.List(fields.Dict(keys=fields.String()))
    experiments = fields.List(fields.Dict(keys=fields.String()))
    tickets = fields.List(fields.Dict(keys=fields.String()))


class CustomerMergeRequestSchema(Strict):
    """Body of ``POST /api/v1/customers/{id}/merge``."""

    into_id = Id("customer", required=True)


class CustomerMergeSchema(Strict):
    """Two customers found to be one."""

    from_id = Id("customer")
    into_id = Id("customer")
    merged_at = instant()
    undone_at = instant(allow_none=True)
