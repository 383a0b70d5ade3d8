"""Shapes of what a brand's people do with a ticket besides answering it."""

from marshmallow import fields, validate

from gigcx.api.schemas.kernel import (
    LETTER,
    LINE,
    PARAGRAPH,
    Id,
    PageArgumentsSchema,
    Strict,
    Text,
    instant,
)
from gigcx.api.schemas.tickets import FenceSchema
from gigcx.desk.queries.requests import KINDS
from gigcx.desk.queries.reveals import PURPOSES

TAGS_MAX = 20


class RevealRequestSchema(Strict):
    """Body of ``POST /api/v1/tickets/{id}/reveal``; without a message it is the subject."""

    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    message_id = Id("message", load_default=None)


class RevealedSchema(Strict):
    """What a customer really wrote, and until when the console shows it."""

    text = fields.String()
    until = instant()


class TagsSchema(Strict):
    """A ticket's tags; what is not listed is taken off."""

    tags = fields.List(
        Text(least=1, most=40), required=True, validate=validate.Length(max=TAGS_MAX)
    )


class MergeSchema(Strict):
    """Body of ``POST /api/v1/tickets/{id}/merge``."""

    into_id = Id("ticket", required=True)


class MoveSchema(Strict):
    """Body of ``POST /api/v1/tickets/{id}/move``."""

    queue_id = Id("queue", required=True)


class ActionArgumentsSchema(PageArgumentsSchema):
    """The query of the list of requests."""

    is_open = fields.Boolean(load_default=False)


class ActionRequestSchema(FenceSchema):
    """Body of ``POST /api/v1/tickets/{id}/requests``."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    detail = Text(least=1, most=PARAGRAPH, required=True)


class ActionAnswerSchema(Strict):
    """Body of ``POST /api/v1/requests/{id}/answer``."""

    is_done = fields.Boolean(required=True)
    answer = Text(least=1, most=PARAGRAPH, required=True)


class ActionSchema(Strict):
    """What an expert asked the brand to do, and what came of it."""

    id = Id("action_request")
    ticket_id = Id("ticket")
    kind = fields.String()
    detail = fields.String()
    state = fields.String()
    answer = fields.String()
    requested_at = instant()
    answered_at = instant(allow_none=True)


class CannedAnswerRequestSchema(Strict):
    """Body of ``POST /api/v1/canned-answers`` and of a change."""

    title = Text(least=1, most=LINE, required=True)
    answer = Text(least=1, most=LETTER, required=True)


class CannedAnswerSchema(Strict):
    """An answer that the brand gives often."""

    id = Id("canned_answer")
    title = fields.String()
    answer = fields.String()
    saved_at = instant()


class AttachmentArgumentsSchema(Strict):
    """The query of an upload whose body is the file itself."""

    file_name = Text(least=1, most=LINE, required=True)


class AttachmentSchema(Strict):
    """A file that came with a message."""

    id = Id("attachment")
    ticket_id = Id("ticket")
    message_id = Id("message")
    name = fields.String()
    type = fields.String()
    size_bytes = fields.Integer()
    added_at = instant()
