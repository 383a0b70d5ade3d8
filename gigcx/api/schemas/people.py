"""Shapes of people, brands, keys, experts, topics and certificates."""

from marshmallow import fields, validate

from gigcx.api.schemas.kernel import (
    LINE,
    Id,
    PageArgumentsSchema,
    Strict,
    Text,
    country,
    instant,
    language,
    whole,
)

ROLES = ("owner", "lead", "agent", "analyst", "finance", "admin")
WHOLE_BPS = 10_000
DAYS_MAX = 3650


def email() -> fields.Email:
    """Return a field for an address."""
    return fields.Email(required=True, validate=validate.Length(3, LINE))


class ExpertRequestSchema(Strict):
    """Body of ``POST /api/v1/experts``."""

    email = email()
    name = Text(least=1, most=LINE, required=True)
    languages = fields.List(language(), validate=validate.Length(1, 20))
    country = country()
    time_zone = fields.String(validate=validate.Regexp(r"^[A-Za-z0-9_+\-/]{1,64}\Z"))
    badge = Text(most=LINE)


class ExpertSchema(Strict):
    """An expert of a brand."""

    id = Id("expert")
    name = fields.String()
    state = fields.String()
    standing = fields.String()
    languages = fields.List(fields.String())
    country = fields.String()
    badge = fields.String()


class TopicRequestSchema(Strict):
    """Body of ``POST /api/v1/topics``."""

    name = Text(least=1, most=LINE, required=True)
    parent_id = Id("topic", allow_none=True)


class TopicSchema(Strict):
    """A node of a brand's catalogue."""

    id = Id("topic")
    brand_id = Id("brand")
    parent_id = Id("topic", allow_none=True)
    name = fields.String()
    path = fields.List(Id("topic"))
    created_at = instant()


class CertificateArgumentsSchema(PageArgumentsSchema):
    """The query of the list of certificates."""

    expert = Id("expert")


class CertificateRequestSchema(Strict):
    """Body of ``POST /api/v1/certificates``."""

    expert_id = Id("expert", required=True)
    topic_id = Id("topic", required=True)
    score_bps = whole(0, WHOLE_BPS)
    valid_days = whole(1, DAYS_MAX)


class CertificateSchema(Strict):
    """Proof that an expert knows a topic, and so all below it."""

    id = Id("certificate")
    expert_id = Id("expert")
    topic_id = Id("topic")
    state = fields.String()
    score_bps = fields.Integer()
    issued_at = instant()
    valid_until = instant()


class KeyRequestSchema(Strict):
    """Body of ``POST /api/v1/api-keys``. The key has the role in which it is asked for."""

    name = Text(least=1, most=LINE, required=True)
    actions = fields.List(
        fields.String(validate=validate.Regexp(r"^[a-z_]+\.[a-z_]+\Z")),
        validate=validate.Length(1, 100),
        load_default=None,
    )
    expires_at = instant(load_default=None)


class KeyRotationSchema(Strict):
    """Body of ``POST /api/v1/api-keys/{id}/rotate``."""

    overlap_hours = fields.Integer(strict=True, validate=validate.Range(0, 24 * 7), load_default=24)
    """How long the old key works beside the new one."""


class KeySchema(Strict):
    """An API key without its secret, which nobody can read again."""

    id = Id("api_key")
    name = fields.String()
    role = fields.String()
    brand_id = Id("brand", allow_none=True)
    actions = fields.List(fields.String(), allow_none=True)
    created_at = instant()
    expires_at = instant(allow_none=True)
    revoked_at = instant(allow_none=True)


class IssuedKeySchema(Strict):
    """A new key, with its secret this one time."""

    key = fields.Nested(KeySchema)
    secret = fields.String()


class PersonRequestSchema(Strict):
    """Body of ``POST /api/v1/people``. An admin names the brand of a brand's role."""

    email = email()
    name = Text(least=1, most=LINE, required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    brand_id = Id("brand", load_default=None)


class PersonSchema(Strict):
    """A person as lists show them."""

    id = Id("user")
    name = fields.String()
    email = fields.String()
    role = fields.String()
    is_suspended = fields.Boolean()


class BrandRequestSchema(Strict):
    """Body of ``POST /api/v1/brands``."""

    name = Text(least=1, most=LINE, required=True)
    slug = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9-]{1,60}\Z"))
    fee_bps = whole(0, WHOLE_BPS)
    expert_title = Text(least=1, most=LINE)


class BrandSchema(Strict):
    """The firm whose customers ask."""

    id = Id("brand")
    name = fields.String()
    slug = fields.String()
    fee_bps = fields.Integer()
    expert_title = fields.String()
    created_at = instant()
    suspended_at = instant(allow_none=True)
