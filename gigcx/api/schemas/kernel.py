"""Shapes that all others are made of: strict objects, texts, ids, money, pages."""

from typing import Any
from uuid import UUID

from babel.numbers import list_currencies
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate
from typing_extensions import override

from gigcx import ids
from gigcx.money import Money
from gigcx.paging import LIMIT_MAX

AMOUNT_MAX = 10**12
"""Minor units that one request may speak of."""
LINE, PARAGRAPH, LETTER = 200, 2_000, 20_000
"""Characters that a name, a reason and a message have at most."""
SMALL_MAX = 32_767
"""The largest number of a small column."""
_CURRENCIES = sorted(list_currencies())
CODE = r"^[A-Za-z0-9_.\-]+\Z"


def id_pattern(thing: str) -> str:
    """Return the regular expression of a thing's public ids."""
    return f"^{ids.PREFIXES[thing]}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"


class Strict(Schema):
    """A shape that refuses what it does not list."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """Text that can be stored: no NUL, no half characters, not too long."""

    def __init__(self, *, most: int, least: int = 0, **options: Any) -> None:
        options["metadata"] = {"pattern": "^[^\\u0000]*$", **options.get("metadata", {})}
        super().__init__(validate=validate.Length(least, most), **options)
        self.least = least

    @override
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise ValidationError("Holds a character that is none.")
        if self.least and not text.strip():
            raise ValidationError("Must not be empty.")
        return text


class Id(fields.String):
    """An id with the prefix of its kind outside, a UUID inside."""

    def __init__(self, thing: str, **options: Any) -> None:
        super().__init__(metadata={"pattern": id_pattern(thing)}, **options)
        self.thing = thing

    @override
    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else ids.shown(self.thing, value)

    @override
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            found: UUID = ids.parse(self.thing, text)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return found


class Hex(fields.String):
    """Bytes, written in hexadecimal digits."""

    def __init__(self, *, length: int, **options: Any) -> None:
        pattern = f"^[0-9a-f]{{{2 * length}}}$"
        super().__init__(metadata={"pattern": pattern}, **options)
        self.length = length

    @override
    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.hex()

    @override
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            found = bytes.fromhex(text)
        except ValueError as error:
            raise ValidationError("Not hexadecimal.") from error
        if len(text) != 2 * self.length:
            raise ValidationError(f"Must be {2 * self.length} digits.")
        return found


def whole(least: int, most: int, **options: Any) -> fields.Integer:
    """Return a field for a whole number of this range."""
    return fields.Integer(strict=True, validate=validate.Range(least, most), **options)


def instant(**options: Any) -> fields.AwareDateTime:
    """Return a field for a time with its zone."""
    return fields.AwareDateTime(format="iso", **options)


def currency(**options: Any) -> fields.String:
    """Return a field for an ISO 4217 code."""
    known = validate.OneOf(_CURRENCIES, error="Not a currency. Send its ISO 4217 code, as EUR.")
    return fields.String(validate=known, **options)


def language(**options: Any) -> fields.String:
    """Return a field for an ISO 639-1 code."""
    return fields.String(validate=validate.Regexp(r"^[a-z]{2}\Z"), **options)


def country(**options: Any) -> fields.String:
    """Return a field for an ISO 3166-1 code."""
    return fields.String(validate=validate.Regexp(r"^[A-Z]{2}\Z"), **options)


class BalanceSchema(Strict):
    """An amount that may be below zero: what we are owed."""

    amount_minor = fields.Integer(required=True)
    currency = fields.String(required=True)


class MoneySchema(Strict):
    """An amount: ``{"amount_minor": 1250, "currency": "EUR"}``."""

    amount_minor = whole(0, AMOUNT_MAX, required=True)
    currency = currency(required=True)

    @post_load
    def to_money(self, data: dict[str, Any], **_: Any) -> Money:
        """Hand the view a value object, so that no view does arithmetic on a dict."""
        return Money(**data)


class PriceSchema(MoneySchema):
    """An amount above zero."""

    amount_minor = whole(1, AMOUNT_MAX, required=True)


class PageArgumentsSchema(Strict):
    """The query of a list: how many rows, and after which."""

    limit = fields.Integer(validate=validate.Range(1, LIMIT_MAX), load_default=50)
    cursor = fields.String(validate=[validate.Length(1, 600), validate.Regexp(CODE)])


def page_of(item: type[Schema]) -> type[Schema]:
    """Return the shape of a page of such items."""
    name = item.__name__.removesuffix("Schema") + "Page"
    return Strict.from_dict(
        {
            "data": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(required=True, allow_none=True),
        },
        name=name,
    )
