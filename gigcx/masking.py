"""Personal data is masked here and nowhere else, before anybody but its owner's brand reads it.

A value becomes a token, the same for the same value under the same salt, so that people can tell
two addresses apart and a search finds both tickets of one.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence

import phonenumbers
from stdnum import iban, luhn

TEXT_MAX = 100_000
"""Characters that are looked at; a longer text is cut."""
_TOKEN_HEX = 4
_TOKEN = re.compile(r"\[[a-z]+·[0-9a-f]{4}\]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}")
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"\b[0-9](?:[ -]?[0-9]){12,18}\b")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_IPV4 = re.compile(rf"\b(?:{_OCTET}\.){{3}}{_OCTET}\b")
_IPV6 = re.compile(
    r"(?<![:\w])(?:[0-9A-Fa-f]{1,4}:){3,7}[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{1,4}){0,4}(?![:\w])"
)
_ADDRESS = re.compile(
    r"\b[A-Z][\w'.\-]{1,30}(?: [A-Z][\w'.\-]{1,30}){0,2}"
    r"(?:straße|strasse|str\."
    r"| (?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Drive|Weg|Allee|Platz))"
    r" ?[0-9]{1,5}[a-z]?\b"
    r"|\b[0-9]{1,5} [A-Z][\w'.\-]{1,30}(?: [A-Z][\w'.\-]{1,30}){0,2}"
    r" (?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Drive|Boulevard|Blvd\.?)(?!\w)"
)
_ORDER = re.compile(
    r"(?i)\b(?:order|bestellung|invoice|rechnung|serial)"
    r"(?: ?(?:no\.?|number|nr\.?|nummer|id))?[ :#]{1,3}([A-Z]{0,4}[-]?[0-9][A-Z0-9\-]{4,20})\b"
)
_PHONE = re.compile(r"(?<![\w.])\+?[0-9(][0-9()/ .\-]{5,20}[0-9](?![\w])")
_PHONE_DIGITS_MIN = 7
_DATE = re.compile(r"[0-9]{1,4}[./\-][0-9]{1,2}[./\-][0-9]{1,4}")


def mask(text: str, *, names: Sequence[str] = (), salt: str = "") -> str:
    """Return the text with personal data replaced by tokens like ``[email·3f2a]``.

    Finds e-mail addresses, IBANs, cards (Luhn), IP addresses, street addresses, order numbers,
    phone numbers and the names given. Masking a masked text changes nothing. Control characters
    are dropped.

    :param names: names that are known of the customer.
    :param salt: tells tokens of one brand from another's.
    """
    text = _CONTROL.sub("", text[:TEXT_MAX])

    def token(kind: str) -> Callable[[str], str]:
        def of(value: str) -> str:
            plain = re.sub(r"\W", "", value).lower()
            digest = hmac.new(salt.encode(), f"{kind}:{plain}".encode(), hashlib.sha256)
            return f"[{kind}·{digest.hexdigest()[:_TOKEN_HEX]}]"

        return of

    text = _EMAIL.sub(lambda m: token("email")(m.group()), text)
    text = _IBAN.sub(lambda m: _if(iban.is_valid(m.group()), m, token("iban")), text)
    text = _CARD.sub(lambda m: _if(_is_card(m.group()), m, token("card")), text)
    text = _IPV6.sub(lambda m: token("ip")(m.group()), text)
    text = _IPV4.sub(lambda m: token("ip")(m.group()), text)
    text = _ADDRESS.sub(lambda m: token("address")(m.group()), text)
    text = _ORDER.sub(
        lambda m: m.group()[: m.start(1) - m.start()] + token("order")(m.group(1)), text
    )
    text = _PHONE.sub(lambda m: _if(_is_phone(m.group()), m, token("phone")), text)
    known = sorted({name for name in names if name.strip()}, key=len, reverse=True)
    if known:
        words = "|".join(re.escape(name) for name in known)
        text = re.sub(
            rf"(?i)(?<![\w\[·])(?:{words})(?!\w)", lambda m: token("name")(m.group()), text
        )
    return text


def _if(is_it: bool, match: re.Match[str], token: Callable[[str], str]) -> str:  # noqa: FBT001 - reads as a sentence
    return token(match.group()) if is_it else match.group()


def _is_card(text: str) -> bool:
    return bool(luhn.is_valid(re.sub(r"\D", "", text)))


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    if len(digits) < _PHONE_DIGITS_MIN or _DATE.fullmatch(text.strip()):
        return False
    if text.startswith("+"):
        try:
            return phonenumbers.is_possible_number(phonenumbers.parse(text))
        except phonenumbers.NumberParseException:
            return False
    return text.startswith(("0", "(")) or bool(re.search(r"\d[ /.\-()]+\d", text))


def holds_tokens(text: str) -> bool:
    """Say whether something in a text was masked."""
    return _TOKEN.search(text) is not None
