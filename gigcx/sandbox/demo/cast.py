"""Who is who: two makers that do not exist, their people, experts and customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gigcx.sandbox.demo.dice import Dice
from gigcx.sandbox.demo.threads import Customer

PASSWORD = "coffee-and-bicycles"  # noqa: S105 - printed at the start; opens nothing but the demo
TOTP_REVIEWER = "GIGCXDEMOFINANCEREVIEWER"
TOTP_APPROVER = "GIGCXDEMOFINANCEAPPROVER"
TOTP_ADMIN = "GIGCXDEMOPLATFORMADMINXX"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a sign-in."""

    name: str
    email: str
    role: str
    totp_secret: str | None = None


@dataclass(frozen=True, slots=True)
class Maker:
    """A brand before it has come to the platform."""

    slug: str
    name: str
    families: Mapping[str, str]
    """Model → family."""
    prices: Mapping[str, int]
    """Model → price in cents."""
    queue: str
    brief: str
    staff: Sequence[Person]
    details: Mapping[str, Sequence[str]]
    """Slot of a thread → what may stand there."""
    is_well_funded: bool


@dataclass(frozen=True, slots=True)
class Adept:
    """An expert: which models they have passed the test for, and how well."""

    name: str
    email: str
    country: str
    time_zone: str
    since: int
    """The year in which they bought theirs."""
    models: Mapping[str, int]
    """Model → result of the product test in basis points."""
    has_account: bool = True
    """Whether they have opened a payout account."""


FINANCE = (
    Person("Ines Falk", "ines.falk@gigcx.example", "finance", TOTP_REVIEWER),
    Person("Robert Amsel", "robert.amsel@gigcx.example", "finance", TOTP_APPROVER),
)
ADMIN = Person("Mara Quint", "mara.quint@gigcx.example", "admin", TOTP_ADMIN)

_AGES = (
    "three weeks",
    "two months",
    "five months",
    "eight months",
    "a year",
    "two years",
    "3 years",
)
_COUNTS = ("3", "4", "5", "6", "8", "10")

ORLAVELLI = Maker(
    slug="orlavelli",
    name="Orlavelli",
    families=MappingProxyType(
        {
            "Duetta 58": "Espresso machines",
            "Piccola": "Espresso machines",
            "Macina One": "Grinders",
        }
    ),
    prices=MappingProxyType({"Duetta 58": 149_000, "Piccola": 52_900, "Macina One": 38_900}),
    queue="Espresso, milk and grinding",
    brief="Owners ask about their machines and grinders. Say what to try first and why; one change"
    " at a time. Anything with mains voltage, or an open housing, goes back to us.",
    staff=(
        Person("Livia Conti", "livia.conti@orlavelli.example", "owner"),
        Person("Jonas Reber", "jonas.reber@orlavelli.example", "lead"),
        Person("Petra Mohn", "petra.mohn@orlavelli.example", "agent"),
        Person("Tim Sorge", "tim.sorge@orlavelli.example", "analyst"),
    ),
    details=MappingProxyType(
        {
            "serial": ("OV7-204481", "OV7-198230", "OV5-77120", "OV7-211904", "OV6-130557"),
            "fw": ("2.3.0", "2.4.1", "2.4.3", "2.5.0"),
            "beans": (
                "a dark Naples roast",
                "a medium roast from around the corner",
                "a light Ethiopian",
                "supermarket beans",
                "a 70/30 blend",
                "beans that were roasted last week",
            ),
            "water": ("very hard", "hard (19 °dH)", "rather hard", "21 °dH", "medium"),
            "age": _AGES,
            "dose": ("16", "17", "17.5", "18", "18.5"),
            "secs": ("9", "11", "12", "13", "14", "15"),
            "bar": ("4", "5", "5.5", "6", "7"),
            "count": _COUNTS,
        }
    ),
    is_well_funded=False,
)
KESTRUN = Maker(
    slug="kestrun",
    name="Kestrun",
    families=MappingProxyType(
        {"Strand": "E-bikes", "Ridgeline": "E-bikes", "Lasto": "E-bikes", "Trailo": "Accessories"}
    ),
    prices=MappingProxyType(
        {"Strand": 289_900, "Ridgeline": 349_900, "Lasto": 579_900, "Trailo": 59_900}
    ),
    queue="Riders help riders",
    brief="Questions about riding, charging and care. Brakes, dented batteries and cracks in the"
    " frame are never a matter of trying: hand them to us at once.",
    staff=(
        Person("Anke Thoms", "anke.thoms@kestrun.example", "owner"),
        Person("Bela Varga", "bela.varga@kestrun.example", "lead"),
        Person("Noor Haddad", "noor.haddad@kestrun.example", "agent"),
        Person("Erik Lund", "erik.lund@kestrun.example", "analyst"),
    ),
    details=MappingProxyType(
        {
            "serial": ("B5-881204", "B5-870033", "B7-100482", "B7-102911"),
            "frame": ("KX-220191", "KX-231877", "KX-198045", "KX-240516"),
            "fw": ("4.0.2", "4.1.0", "4.2.0", "4.2.1"),
            "km": ("640 km", "1,180 km", "1,840 km", "2,900 km", "4,350 km", "7,700 km"),
            "weather": (
                "Lots of rain",
                "Around freezing",
                "Dry and dusty",
                "Wet leaves everywhere",
                "Salt on the roads",
                "Hot days",
            ),
            "age": _AGES,
            "range": ("35", "40", "44", "48", "52"),
            "ride": ("12 km to work", "20 km with two climbs", "8 km with the kids", "30 km flat"),
            "count": _COUNTS,
        }
    ),
    is_well_funded=True,
)
MAKERS = (ORLAVELLI, KESTRUN)

EXPERTS: Sequence[Adept] = (
    Adept("Greta Holm", "greta.holm@mail.example", "DE", "Europe/Berlin", 2019,
          {"Duetta 58": 9600, "Piccola": 9200, "Macina One": 8800}),
    Adept("Marco Tardini", "marco.tardini@mail.example", "IT", "Europe/Rome", 2018,
          {"Duetta 58": 9900, "Macina One": 9500}),
    Adept("Sofie Dahl", "sofie.dahl@mail.example", "DK", "Europe/Copenhagen", 2021,
          {"Piccola": 9000, "Macina One": 8400}),
    Adept("Paul Weyland", "paul.weyland@mail.example", "DE", "Europe/Berlin", 2020,
          {"Duetta 58": 8500, "Piccola": 8900}),
    Adept("Amira Benali", "amira.benali@mail.example", "FR", "Europe/Paris", 2022,
          {"Piccola": 8200}),
    Adept("Tomas Krejci", "tomas.krejci@mail.example", "CZ", "Europe/Prague", 2021,
          {"Macina One": 9300, "Strand": 8100}),
    Adept("Hanna Brink", "hanna.brink@mail.example", "NL", "Europe/Amsterdam", 2020,
          {"Strand": 9700, "Lasto": 9400, "Trailo": 9000}),
    Adept("Oskar Nyman", "oskar.nyman@mail.example", "FI", "Europe/Helsinki", 2019,
          {"Ridgeline": 9800, "Strand": 9100}),
    Adept("Clara Voss", "clara.voss@mail.example", "DE", "Europe/Berlin", 2021,
          {"Lasto": 9200, "Trailo": 9600}),
    Adept("Diego Salas", "diego.salas@mail.example", "ES", "Europe/Madrid", 2022,
          {"Ridgeline": 8700}),
    Adept("Yara Lindqvist", "yara.lindqvist@mail.example", "SE", "Europe/Stockholm", 2020,
          {"Strand": 8900, "Ridgeline": 8600, "Lasto": 8300}),
    Adept("Felix Moreau", "felix.moreau@mail.example", "BE", "Europe/Brussels", 2023,
          {"Duetta 58": 8000, "Ridgeline": 8200}, has_account=False),
)  # fmt: skip

_FIRST = (
    "Anna", "Ben", "Carla", "David", "Elif", "Fritz", "Gwen", "Hugo", "Ida", "Jakub", "Kim",
    "Lena", "Nadia", "Otto", "Pia", "Quentin", "Rosa", "Samir", "Tilda", "Ugo", "Vera",
    "Zoe", "Mats",
)  # fmt: skip
_LAST = (
    "Abel", "Brandt", "Costa", "Dvorak", "Ekman", "Ferrer", "Gruber", "Hansen", "Ito", "Janssen",
    "Keller", "Larsen", "Meyer", "Novak", "Olsen", "Petit", "Rossi", "Schulz", "Toth", "Urban",
    "Vogel", "Winter", "Young",
)  # fmt: skip
_STREETS = ("Station Road", "Mill Lane", "Garden Street", "Harbour Road", "Park Avenue")
_TONES = ("plain", "plain", "plain", "polite", "polite", "hasty", "hasty", "shouting")


def customers_of(maker: Maker, count: int) -> Sequence[Customer]:
    """Return so many customers of a maker, no two of one name."""
    dice = Dice("customers", maker.slug)
    names = dice.shuffled([f"{first} {last}" for first in _FIRST for last in _LAST])[:count]
    return [
        Customer(
            external_id=f"{maker.slug[0].upper()}{1000 + n}",
            name=name,
            email=f"{name.lower().replace(' ', '.')}@example.com",
            phone=f"+44 20 7946 0{dice.between(100, 999)}",
            street=f"{dice.between(1, 180)} {dice.pick(_STREETS)}",
            tone=dice.pick(_TONES),
        )
        for n, name in enumerate(names)
    ]
