"""Postal addresses in English, German, French, Spanish and Italian."""

import re
from collections.abc import Iterator

from gigcx.masking.reading import near_digits

_WORD = r"[A-Z][\w'.\-]{0,30}"
_NAME = rf"{_WORD}(?: {_WORD}){{0,3}}"
_NUMBER = r"[0-9]{1,5}(?: ?[A-Za-z](?!\w))?(?: ?[/\-] ?[0-9]{1,4}[a-z]?)?"
_TOWN = rf"(?:,? ?\n? ?(?:[A-Z]{{1,2}}-)?[0-9]{{4,5}} {_WORD}(?: (?:am|an der|im|a\.) {_WORD})?)?"

_ENGLISH_WAY = (
    r"Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|Boulevard|Blvd\.?|Court|Ct\.?"
    r"|Close|Way|Place|Pl\.?|Terrace|Crescent|Square|Sq\.?|Highway|Hwy\.?|Parkway|Pkwy\.?|Row|Mews"
    r"|Gardens|Grove|Hill|Walk|Circle|Trail|Quay|Wharf"
)
_FLAT = r"(?:Apt|Apartment|Flat|Suite|Unit|Floor|#)\.? ?[0-9A-Z]{1,5}\b"
_UK_POSTCODE = r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}"
_ENGLISH_TOWN = (
    rf"(?:,? {_FLAT})?"
    rf"(?:,? ?\n? ?{_NAME},? (?:{_UK_POSTCODE}|(?:[A-Z]{{2}},? )?[0-9]{{5}}(?:-[0-9]{{4}})?))?"
)
_ENGLISH = (
    rf"(?:\b{_FLAT},? )?\b{_NUMBER},? (?:[NSEW]\.? )?{_NAME} (?:{_ENGLISH_WAY})(?!\w)"
    rf"(?: [NS][EW]?\b)?{_ENGLISH_TOWN}"
    rf"|\b[0-9]{{1,5}}[a-z]? [a-z]{{3,20}} (?:street|road|avenue|lane|boulevard)\b{_ENGLISH_TOWN}"
    rf"|\b{_UK_POSTCODE}\b|\b[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9]\b"
    rf"|\b{_NAME}, [A-Z]{{2}} [0-9]{{5}}(?:-[0-9]{{4}})?\b"
    r"|\b(?i:p\.? ?o\.? ?box|postfach|boite postale|BP|apartado(?: de correos)?|casella postale)"
    r" [0-9]{1,3}(?: ?[0-9]{2,3}){0,2}\b"
)

_GERMAN_WAY = (
    r"stra(?:ß|ss)e|str\.?|weg|gasse|platz|allee|ring|damm|ufer|chaussee|steig|stieg|pfad|markt"
    r"|graben|promenade|zeile|hof|berg|park|tor"
)
_NOT_A_WAY = (
    r"(?!(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch|Jahr|Monat|Schritt|Modus|Punkt|Programm"
    r"|Stufe|Schnitt|Menu|Kapitel|Abschnitt|Januar|Februar|Marz|April|Mai|Juni|Juli|August"
    r"|September|Oktober|November|Dezember)"
)
_GERMAN = (
    rf"\b[A-Z][\w.\-]{{0,40}}(?:(?<=\w)|(?<=-))(?i:{_GERMAN_WAY}) {_NUMBER}(?!\w){_TOWN}"
    rf"|\b(?:{_WORD} ){{1,2}}(?:Stra(?:ß|ss)e|Str\.|Weg|Gasse|Platz|Allee|Ring|Damm|Ufer"
    rf"|Chaussee|Markt) {_NUMBER}(?!\w){_TOWN}"
    rf"|\b[a-z]{{3,20}}(?:stra(?:ß|ss)e|str\.|gasse|allee|platz|weg) {_NUMBER}(?!\w){_TOWN}"
    r"|\b(?:Am|Im|Zu[rm]|Beim|(?:An|Auf|In|Unter|Hinter|Vor) de[rnm])"
    rf" {_NOT_A_WAY}{_WORD}(?: {_WORD})? {_NUMBER}(?!\w){_TOWN}"
)

_PARTICLES = (
    r"(?:(?:de la|de l'|de los|de las|delle|della|dello|dei|degli|dell'|del|des|de|du|di|da|d'"
    r"|la|las|le|les|los|l'|aux?|y|e|sur|san|sainte?) ?)*"
)
_MORE = rf"(?: {_PARTICLES}[A-Z][\w'\-]+){{0,4}}"
_FRENCH = (
    r"\b[0-9]{1,4}(?: ?(?:bis|ter|quater|[A-D])\b)?,? (?i:rue|avenue|av\.|boulevard|bd\.?|bvd\.?"
    r"|place|chemin|allee|impasse|quai|cours|route|square|passage|faubourg|ruelle|sentier)"
    rf" {_PARTICLES}[\w'\-]{{2,30}}{_MORE}{_TOWN}"
    r"|\b(?i:rue|avenue|boulevard|chemin|quai|place) "
    rf"{_PARTICLES}[A-Z][\w'\-]{{1,30}}{_MORE},? [0-9]{{1,4}}\b{_TOWN}"
)
_SPANISH = (
    r"(?i:\b(?:calle|avenida|avda\.?|av\.|plaza|pza\.?|paseo|camino|carrer|ronda|travesia"
    r"|carretera|ctra\.?|glorieta)|\bc[/.]) ?"
    rf"{_PARTICLES}[\w'\-]{{2,30}}{_MORE},? (?i:n[º°o]?\.? ?|num\.? ?|numero )?[0-9]{{1,4}}\b"
    rf"(?:,? [0-9]{{1,2}}[ºª°](?: ?[A-Z]\b)?)?{_TOWN}"
)
_NOT_A_VIA = (
    r"(?!(?:USB|Bluetooth|HDMI|WLAN|Wi-?Fi|App|PayPal|Amazon|Mail|E-?[Mm]ail|SMS|DHL|UPS|API|Port"
    r"|IPv?)\b)"
)
_ITALIAN = (
    r"\b(?i:via|viale|v\.le|piazza|p\.za|piazzale|corso|c\.so|largo|vicolo|strada|lungotevere"
    rf"|contrada|salita) {_NOT_A_VIA}{_PARTICLES}{_NOT_A_VIA}(?:[A-Z]|[a-z]{{4}})[\w'\-]{{1,30}}"
    rf"{_MORE},? (?:n\.? ?)?[0-9]{{1,4}}(?:/?[A-Za-z])?\b{_TOWN}"
)
_ADDRESS = re.compile(f"{_FRENCH}|{_ENGLISH}|{_GERMAN}|{_SPANISH}|{_ITALIAN}")


def find_addresses(plain: str) -> Iterator[tuple[int, int]]:
    """Find streets with their number, what follows of the town, postcodes and post boxes."""
    return (match.span() for match in near_digits(plain, _ADDRESS))
