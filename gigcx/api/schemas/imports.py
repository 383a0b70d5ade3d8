"""Shapes of imports."""

from marshmallow import fields, validate

from gigcx.api.schemas.kernel import LINE, Id, Strict, Text, instant


class ImportArgumentsSchema(Strict):
    """The query of an import whose body is the file itself."""

    queue = Id("queue")
    file_name = Text(least=1, most=LINE)
    map = fields.List(
        fields.String(validate=validate.Regexp(r"^[a-z_]+=.+$", error="Write it as text=body.")),
        metadata={"description": "Our field = the file's column, as ``text=body``; repeat it."},
    )


class ImportSchema(Strict):
    """A file that is read line by line, and how far that is."""

    id = Id("import")
    kind = fields.String()
    queue_id = Id("queue", allow_none=True)
    file_name = fields.String()
    state = fields.String()
    bytes_total = fields.Integer()
    bytes_done = fields.Integer()
    lines_done = fields.Integer()
    accepted = fields.Integer()
    known = fields.Integer()
    refused = fields.Integer()
    failure = fields.String(allow_none=True)
    created_at = instant()
    finished_at = instant(allow_none=True)


class RefusalSchema(Strict):
    """A line that was refused, and why."""

    line_number = fields.Integer()
    field = fields.String()
    reason = fields.String()
