"""Ids in paths: ``<id(ticket):ticket_id>`` is a UUID to the view and ``tkt_…`` to the reader."""

from typing import Any
from uuid import UUID

from typing_extensions import override
from werkzeug.routing import BaseConverter, Map, ValidationError

from gigcx import ids


class IdConverter(BaseConverter):
    """The public id of one kind of thing. Another text is no such path: 404."""

    regex = "[^/]+"

    def __init__(self, url_map: Map, thing: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(url_map, *args, **kwargs)
        self.thing = thing

    @override
    def to_python(self, value: str) -> UUID:
        try:
            return ids.parse(self.thing, value)
        except ValueError as error:
            raise ValidationError(str(error)) from error

    @override
    def to_url(self, value: UUID) -> str:
        return ids.shown(self.thing, value)
