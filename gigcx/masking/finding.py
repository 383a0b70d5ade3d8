"""Where personal data stands in a text: one finder for each kind, in the order they are asked.

Each takes the text as :func:`gigcx.masking.reading.plain_of` gives it (no accents, no disguises)
and returns the spans of values. Recall comes before precision: a masked serial number costs a
question, an address that is read costs a person their privacy.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import phonenumbers
from stdnum import iban, luhn

from gigcx.masking import addresses
from gigcx.masking.reading import BLANK, near, near_digits, plain_of

Span = tuple[int, int]
Finder = Callable[[str], Iterable[Span]]

_AT = re.compile(r"@|[(\[] ?at ?[)\]]", re.IGNORECASE)
_EMAIL = re.compile(
    r"[\w.%+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}"
    r"|[\w.%+\-]{1,64} ?[(\[] ?(?:at|@) ?[)\]] ?[\w\-]{1,63}"
    r"(?: ?(?:\.|[(\[] ?(?:dot|punkt|point|punto) ?[)\]]) ?[\w\-]{2,63}){1,4}",
    re.IGNORECASE,
)
_IBAN = re.compile(
    r"\b[A-Z]{2}[0-9]{2}(?:[ \-]?[A-Z0-9]{4}){2,7}(?:[ \-]?[A-Z0-9]{1,3})?\b", re.IGNORECASE
)
_IBAN_DIGITS_MIN = 12
_CARD = re.compile(r"(?<![\w.])[0-9](?:[ .\-]?[0-9]){12,}(?!\w)")
_CARD_DIGITS_MIN, _CARD_DIGITS_MAX = 13, 19
_CARD_GROUPS = re.compile(
    r"[3-6][0-9]{3}([ .\-]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}|3[47][0-9]{2} ?[0-9]{6} ?[0-9]{5}"
)
_IP = re.compile(
    r"(?<![\w:.])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-F:]*:[0-9A-F:]*:[0-9A-F:.]*)", re.IGNORECASE
)
_ORDER_WORD = (
    r"order|invoice|serial|tracking|parcel|shipment|customer|client|account|member(?:ship)?|booking"
    r"|reference|ref|rma|ticket|case|s/?n"
    r"|bestellung|bestell|auftrags?|rechnungs?|kunden|serien|sendungs?|konto|vorgangs?|vertrags?"
    r"|artikel|gerate|mitglieds?|referenz"
    r"|commande|facture|suivi|colis|contrat|dossier|serie"
    r"|pedido|factura|seguimiento|envio|cliente|contrato|referencia"
    r"|ordine|fattura|spedizione|tracciamento|contratto|riferimento|seriale|pratica"
)
_NUMBER_WORD = (
    r"no\.?|num(?:ber|ero)?|nr\.?|nummer|id|code|codigo|codice|n[°ºo]\.?|de|di|del|d[e']?"
)
_ORDER = re.compile(
    rf"\b(?:{_ORDER_WORD})(?:[ \-]?(?:{_NUMBER_WORD}|{_ORDER_WORD})(?!\w))"
    r"{0,3}"
    r"(?: ?(?:is|was|lautet|ist|est|es|e):?)?[ :#.=\-]{0,4}"
    r"([A-Z]{0,5}[\-_/]?[0-9](?:[\-_/]?[0-9A-Z]){3,24})\b"
    r"|(?<!\w)#([0-9]{5,20})\b"
    r"|\b([0-9]{3}-[0-9]{7}-[0-9]{7}|1Z[0-9A-Z]{16})\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b[0-9]{4}[./\-][0-9]{1,2}[./\-][0-9]{1,2}(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
    r"|(?<![0-9][./\-])\b[0-3]?[0-9][./\-][0-3]?[0-9][./\-](?:[12][0-9]{3}|[0-9]{2})\b"
    r"(?![./\-][0-9])(?:,? [0-9]{1,2}:[0-9]{2})?"
)
_PHONE = re.compile(r"(?<![\w.,$€£])(?:\+|00)?[0-9(][0-9()/ .\-]{5,}[0-9](?!\w)")
_PHONE_SAID = re.compile(
    r"(?:phone|mobile|cell|call|whatsapp|tel|handy|nummer|anruf|portable|appel\w*|movil|llam\w+"
    r"|numero|cellulare|chiam\w+|fax)\W{0,3}(?:\w{1,8}\W{1,3}){0,3}$",
    re.IGNORECASE,
)
_PHONE_REGIONS = ("US", "DE", "FR", "ES", "IT", "GB")
_ROW_MAX = 60
_WORD = re.compile(r"[^ ]+")
_PHONE_DIGITS_MIN, _PHONE_DIGITS_MAX = 7, 15
_NO_PHONE = re.compile(
    r"[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,2}(?: [0-9]{3}){2}|[0-9]+\.[0-9]{1,2}"  # an amount
    r"|[1-9][0-9]{0,3}-[1-9][0-9]{3}|.* [/\-] .*"  # from one number to another
    r"|[0-9]{1,2}(?: [0-9]{1,2}){1,3}|.*[0-9].*\D[0-9](?:\D.*)?"  # a row of small ones, a norm
)
_INTRODUCTION = re.compile(
    r"(?i:\b(?:my name is|my name's|mein name ist|ich heisse|ich heiße|je m.appelle|mon nom est"
    r"|me llamo|mi nombre es|mi chiamo|il mio nome e)) ([A-Z][\w'\-]+(?: [A-Z][\w'\-]+){0,2})"
)


def find_names(plain: str, names: Sequence[str]) -> Iterator[Span]:
    """Find names that are known (in any case, with or without accents) or given in the text."""
    words = "|".join(re.escape(plain_of(name)) for name in names)
    known = rf"(?i:(?<![\w@])(?:{words})(?!\w))|" if words else ""
    for match in re.finditer(known + _INTRODUCTION.pattern, plain):
        yield match.span(1) if match.group(1) else match.span()


def _find_emails(plain: str) -> Iterator[Span]:
    return (match.span() for match in near(plain, _AT, _EMAIL))


def _find_ibans(plain: str) -> Iterator[Span]:
    return (match.span() for match in near_digits(plain, _IBAN) if _is_iban(match.group()))


def _is_iban(value: str) -> bool:
    """Accept a mistyped one too: it is as private as the right one."""
    digits = sum(character.isdigit() for character in value)
    return iban.is_valid(value) or digits >= _IBAN_DIGITS_MIN


def _find_cards(plain: str) -> Iterator[Span]:
    for match in near_digits(plain, _CARD):
        yield from _pick(match, _is_card, most=_CARD_DIGITS_MAX)


def _is_card(value: str) -> bool:
    """Accept a mistyped one too: it is as private as the right one."""
    digits = re.sub(r"\D", "", value)
    return _CARD_DIGITS_MIN <= len(digits) <= _CARD_DIGITS_MAX and bool(
        luhn.is_valid(digits) or _CARD_GROUPS.fullmatch(value)
    )


def _find_ips(plain: str) -> Iterator[Span]:
    for match in _IP.finditer(plain):
        said = match.group()
        value = next(filter(_is_ip, (said, said.rstrip(":."))), None)
        if value is not None:
            yield match.start(), match.start() + len(value)


def _is_ip(value: str) -> bool:
    try:
        return not ipaddress.ip_address(value).is_unspecified
    except ValueError:
        return False


def _find_orders(plain: str) -> Iterator[Span]:
    for match in near_digits(_without_dates(plain), _ORDER):
        yield next(match.span(group) for group in (1, 2, 3) if match.group(group))


def _find_phones(plain: str) -> Iterator[Span]:
    dateless = _without_dates(plain)
    for match in _PHONE.finditer(dateless):
        said = _PHONE_SAID.search(dateless[max(0, match.start() - 40) : match.start()])
        is_one = partial(_is_phone, is_said=said is not None)
        yield from _pick(match, is_one, most=_PHONE_DIGITS_MAX)


def _is_phone(value: str, *, is_said: bool) -> bool:
    digits = re.sub(r"\D", "", value)
    if not _PHONE_DIGITS_MIN <= len(digits) <= _PHONE_DIGITS_MAX:
        return False
    if is_said or value.startswith(("+", "0", "(")):
        return True
    if _NO_PHONE.fullmatch(value):
        return False
    return bool(re.search(r"[ /.\-()]", value)) or any(
        phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
        for region in _PHONE_REGIONS
    )


def _pick(match: re.Match[str], is_one: Callable[[str], bool], *, most: int) -> Iterator[Span]:
    """Find values of at most so many words in a row of numbers: people write one number after the
    other. A row that is longer than anybody reads is hidden as a whole.
    """
    words = [(word.start(), word.end()) for word in _WORD.finditer(match.group())]
    if len(words) > _ROW_MAX:
        yield match.span()
        return
    first = 0
    while first < len(words):
        start, last = words[first][0], min(first + most, len(words)) - 1
        while last >= first and not is_one(match.group()[start : words[last][1]]):
            last -= 1
        if last >= first:
            yield match.start() + start, match.start() + words[last][1]
        first = max(first, last) + 1


def _without_dates(plain: str) -> str:
    return _DATE.sub(lambda match: BLANK * len(match.group()), plain)


FINDERS: Sequence[tuple[str, Finder]] = (
    ("email", _find_emails),
    ("iban", _find_ibans),
    ("card", _find_cards),
    ("ip", _find_ips),
    ("address", addresses.find_addresses),
    ("order", _find_orders),
    ("phone", _find_phones),
)
"""What kind of value is looked for, and by what; each reads what those before it left."""
