"""What a mail is: a message, a bounce, an automatic answer, one of a loop. Pure functions."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

PER_HOUR = 20
"""Mails of one sender to one ticket within an hour, beyond which two programs talk."""


class Direction(enum.StrEnum):
    """Which way a mail went."""

    IN = "in"
    OUT = "out"


class MailKind(enum.StrEnum):
    """What a mail is."""

    MESSAGE = "message"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    LOOP = "loop"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a mail."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class InboundMail:
    """A mail as it was read, before anybody knows what it belongs to."""

    name: str
    """Its Message-ID; made from its bytes if it has none."""
    answers: tuple[str, ...]
    """Message-IDs that it answers or follows, the nearest first."""
    sender: str
    """The address that it says it is from, in small letters."""
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    """What the sender wrote, without what they quote."""
    files: tuple[File, ...] = ()
    is_automatic: bool = False
    """Whether a program says that it sent it."""
    bounced: str | None = None
    """The Message-ID of the mail that could not be delivered; empty if it is not named."""


def kind_of(mail: InboundMail, *, own_address: str, recent: int) -> MailKind:
    """R-channels-1: A delivery report is a bounce, a mail of a program is an automatic answer, one
    from ourselves or after too many within an hour is a loop; only the rest are messages.

    Source: RFC 3464 (delivery reports), RFC 3834 (automatic responses).

    :param own_address: from which our mails go out.
    :param recent: mails that came to the same ticket within an hour.
    """
    if mail.bounced is not None:
        return MailKind.BOUNCE
    if mail.sender == own_address or recent >= PER_HOUR:
        return MailKind.LOOP
    if mail.is_automatic:
        return MailKind.AUTO_REPLY
    return MailKind.MESSAGE if mail.text.strip() or mail.files else MailKind.REFUSED


def is_theirs(mail: InboundMail, *, known: Sequence[str | None]) -> bool:
    """R-channels-2: A mail that names a thread but came without its reply address belongs to it
    only if it is from the thread's customer: whoever has the address was given it.
    """
    return mail.sender in {address.lower() for address in known if address}
