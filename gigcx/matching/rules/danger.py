"""What takes a ticket out of the marketplace at once: danger to people, crime, courts, press.

Rules first: each danger has patterns in five languages, so that a person can read why a ticket was
taken out. They are narrow on purpose, and people can flag what the patterns miss.
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

TEXT_MAX = 20_000
"""Characters that are looked at: nobody reports an injury after that many."""


class Danger(enum.StrEnum):
    """Why a ticket goes to the brand's safety lane. Source: SAF-1."""

    INJURY = "injury"
    FIRE = "fire"
    BATTERY = "battery"
    FRAUD = "fraud"
    ACCOUNT_TAKEOVER = "account_takeover"
    SELF_HARM = "self_harm"
    LEGAL_THREAT = "legal_threat"
    PRESS = "press"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Sign:
    """A danger and the words that show it."""

    danger: Danger
    words: str


_SIGNS: Mapping[Danger, str] = MappingProxyType(
    {
        Danger.INJURY: r"""
            (?:burned|burnt|cut|injured|hurt|scalded|shocked) (?:my|her|his|our|the (?:child|baby))
            (?:i|she|he|we) (?:was|were|got|am|is) (?:badly )?(?:injured|burned|burnt|scalded)
            electric shock|electrocuted|hospitali[sz]ed|in hospital|emergency room
            verletzt|verbrannt|verbrüht|stromschlag|ins krankenhaus|notaufnahme
            blessée?s?|brûlée?s?|choc électrique|à l'hôpital|aux urgences
            herid[oa]s?|quemaduras?|descarga eléctrica|al hospital|a urgencias
            ferit[oaie]|ustionat[oaie]|scossa elettrica|in ospedale|al pronto soccorso""",
        Danger.FIRE: r"""
            caught fire|on fire|burst into flames|in flames|started (?:to smoke|smoking)
            smoke (?:came|coming|comes) (?:out|from)|exploded|explosion
            fängt feuer|fing feuer|in flammen|brennt|raucht|explodiert
            pris feu|en flammes|fumée (?:sort|est sortie)|a explosé
            se incendió|en llamas|prendió fuego|echa humo|explotó
            preso fuoco|in fiamme|esce fumo|esploso""",
        Danger.BATTERY: r"""
            (?:swollen|bulging|leaking|bloated) battery
            battery (?:is |has |looks |got )?(?:swollen|bulging|bloated|leaking|swelling)
            (?:akku|batterie)[^.!?\n]{0,20} (?:aufgebläht|gebläht|ausgelaufen|geschwollen)
            batterie[^.!?\n]{0,20} (?:gonflée|gonfle|fuit)
            batería[^.!?\n]{0,20} (?:hinchada|gotea)
            batteria[^.!?\n]{0,20} (?:gonfia|gonfiata|perde liquido)""",
        Danger.FRAUD: r"""
            identity theft|stole my identity|scammed|defrauded|fraud alert|phishing
            fraudulent(?:ly)? (?:charge|transaction|account|payment|opened|used)s?
            victim of (?:a )?(?:fraud|scam)
            betrug|betrogen|betrüger|identitätsdiebstahl
            fraude|arnaque|escroc(?:s|querie)?|usurpation d'identité
            estafa(?:do|da|ron)?|robo de identidad
            truffa(?:to|ta)?|frode|furto d'identità""",
        Danger.ACCOUNT_TAKEOVER: r"""
            account (?:was |has been |is |got )?(?:hacked|hijacked|compromised|taken over)
            hacked (?:into )?my account
            someone (?:else )?(?:is using|used|has access to) my (?:account|card)
            konto (?:wurde |ist )?(?:gehackt|übernommen)|gehackt
            compte (?:a été |est )?piraté
            cuenta (?:fue |ha sido |está )?(?:hackeada|pirateada)
            account (?:è stato )?(?:hackerato|violato)""",
        Danger.SELF_HARM: r"""
            kill myself|end my life|suicide|suicidal|want to die
            mich umbringen|selbstmord|suizid|nicht mehr leben will
            me suicider|mettre fin à mes jours
            suicidarme|suicidio|quitarme la vida
            suicidarmi|togliermi la vita""",
        Danger.LEGAL_THREAT: r"""
            my (?:lawyer|attorney|solicitor)|take (?:you|this|them) to court|legal action
            (?:will|going to|gonna) sue|file a lawsuit|class action|small claims
            mein(?:en|em)? anwalt|rechtsanwalt|verklage|rechtliche schritte
            mon avocat|porter plainte|poursuites|au tribunal
            mi abogado|demandar(?:los|les|é)|acciones legales
            il mio avvocato|vie legali|far[òe] causa|denuncer[òe]""",
        Danger.PRESS: r"""
            i(?:'m| am) a (?:journalist|reporter)|press (?:inquiry|enquiry|request)|for an article
            (?:go|going) to the (?:press|media|newspapers?)
            ich bin journalist(?:in)?|presseanfrage|an die presse
            je suis journaliste|à la presse|demande de presse
            soy periodista|a la prensa
            sono (?:un|una) giornalista|alla stampa""",
        Danger.MINOR: r"""
            i(?:'m| am) (?:only |just )?(?:[5-9]|1[0-5])(?: years? old| y/?o)
            ich bin (?:erst )?(?:[5-9]|1[0-5])(?: jahre(?: alt)?)
            j'ai (?:seulement )?(?:[5-9]|1[0-5]) ans
            tengo (?:solo )?(?:[5-9]|1[0-5]) años
            ho (?:solo )?(?:[5-9]|1[0-5]) anni""",
    }
)
"""Danger → what says so, a line for each group of words, in English, German, French, Spanish and
Italian."""


def _pattern(signs: str) -> re.Pattern[str]:
    alternatives = "|".join(line.strip() for line in signs.strip().splitlines())
    return re.compile(rf"\b(?:{alternatives})\b", re.IGNORECASE)


_PATTERNS: Mapping[Danger, re.Pattern[str]] = MappingProxyType(
    {danger: _pattern(signs) for danger, signs in _SIGNS.items()}
)
_ANY = re.compile("|".join(_pattern(signs).pattern for signs in _SIGNS.values()))
"""All at once and in lower case only, many times quicker: most texts show no danger."""
_CLEARED = re.compile(
    r"\b(?:no|not|never|nobody|without|kein[en]?|nicht|pas|sin|non)\b[^.!?\n]{0,15}\Z",
    re.IGNORECASE,
)
"""Right before the words: what did not happen."""


def recognize_dangers(text: str) -> tuple[Sign, ...]:
    """R-matching-3: Injury, fire, a swollen battery, fraud, a taken-over account, self-harm, a
    legal threat, the press or a minor is recognized by its words, in five languages, unless the
    words right before deny it.

    Source: SAF-1; EU General Product Safety Regulation 2023/988, articles 9 and 20.
    """
    looked_at = text[:TEXT_MAX]
    if not _ANY.search(looked_at.lower()):
        return ()
    return tuple(
        Sign(danger, found.group())
        for danger, pattern in _PATTERNS.items()
        if (found := _first(pattern, looked_at)) is not None
    )


def _first(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(
        (
            found
            for found in pattern.finditer(text)
            if not _CLEARED.search(text[max(0, found.start() - 30) : found.start()])
        ),
        None,
    )
