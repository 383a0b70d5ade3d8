"""A mail as its bytes came, read into our own type. Whatever the bytes are, it is read."""

import hashlib
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses, parseaddr

from mailparser_reply import EmailReplyParser
from markupsafe import Markup

from gigcx.channels.rules import File, InboundMail

TEXT_MAX = 100_000
"""Characters of a text that are looked at."""
FILES_MAX = 10
_NAME = re.compile(r"<[^<>\s]{1,900}>")
_BREAK = re.compile(r"(?i)<br\s*/?>|</(?:p|div|li|tr|h[1-6])>")
_UNSEEN = re.compile(r"(?is)<(style|script|head|title)\b.*?</\1>")
_QUOTED = frozenset({"message/rfc822", "text/rfc822-headers"})
_replies = EmailReplyParser(languages=["en", "de", "fr", "es", "it", "nl"])


def read_mail(raw: bytes) -> InboundMail:
    """Return what a mail says; parts that cannot be read are as if they were not there.

    Source: RFC 5322 (messages), RFC 3834 section 2 (what a program's mail says of itself),
    RFC 3464 (delivery reports).
    """
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    names = _NAME.findall(_header(mail, "Message-ID"))
    known = [*_NAME.findall(_header(mail, "References")), *_header_names(mail, "In-Reply-To")]
    sender_name, sender = parseaddr(_header(mail, "From"))
    return InboundMail(
        name=names[0] if names else f"<{hashlib.sha256(raw).hexdigest()}@nameless>",
        answers=tuple(dict.fromkeys(reversed(known))),
        sender=sender.strip().lower()[:200],
        sender_name=sender_name.strip()[:120],
        recipients=tuple(_recipients(mail)),
        subject=" ".join(_header(mail, "Subject").split()),
        text=_text(mail),
        files=tuple(_files(mail))[:FILES_MAX],
        is_automatic=_is_automatic(mail),
        bounced=_bounced(mail),
    )


def _header(mail: Message, name: str) -> str:
    """A header that a broken client has written is read as far as it can be."""
    try:
        return str(mail.get(name, "") or "").replace("\x00", "")
    except (ValueError, LookupError, AttributeError, TypeError, IndexError):
        return ""


def _header_names(mail: Message, name: str) -> list[str]:
    return _NAME.findall(_header(mail, name))


def _recipients(mail: Message) -> Iterator[str]:
    fields = ("Delivered-To", "X-Original-To", "To", "Cc")
    for _, address in getaddresses([_header(mail, field) for field in fields]):
        if "@" in address:
            yield address.strip().lower()


def _is_automatic(mail: Message) -> bool:
    says = _header(mail, "Auto-Submitted").strip().lower()
    precedence = _header(mail, "Precedence").strip().lower()
    return (
        (says not in {"", "no"})
        or precedence in {"bulk", "junk", "list", "auto_reply"}
        or any(mail.get(name) for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
        or parseaddr(_header(mail, "From"))[1].lower().startswith(("mailer-daemon@", "no-reply@"))
    )


def _bounced(mail: EmailMessage) -> str | None:
    """Return the Message-ID of the mail that a delivery report is about; empty if not named."""
    is_report = mail.get_content_type() == "multipart/report"
    if not is_report and mail.get("X-Failed-Recipients") is None:
        return None
    for part in mail.walk():
        if part is not mail and part.get_content_type() in {
            "message/rfc822",
            "text/rfc822-headers",
        }:
            text = part.as_string()
            found = re.search(r"(?im)^Message-ID:\s*(<[^<>\s]+>)", text)
            if found:
                return found.group(1)
    return ""


def _text(mail: EmailMessage) -> str:
    try:
        body = mail.get_body(("plain", "html"))
        if body is None:
            return ""
        content = str(body.get_content())[:TEXT_MAX].replace("\x00", "")
    except (ValueError, LookupError, AttributeError, KeyError, TypeError):
        return ""
    if body.get_content_type() == "text/html":
        content = _plain(content)
    content = content.replace("\r\n", "\n")
    reply = _replies.parse_reply(text=content) or ""
    return (reply.strip() or content.strip()).strip()


def _plain(html: str) -> str:
    lines = _BREAK.sub("\n", _UNSEEN.sub("", html)).split("\n")
    return "\n".join(Markup(line).striptags() for line in lines).strip()  # noqa: S704 - tags are taken off, nothing is shown as HTML


def _files(mail: EmailMessage) -> Iterator[File]:
    for part in mail.iter_attachments():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and part.get_content_maintype() != "message":
            yield File(part.get_filename() or "file", part.get_content_type(), content)
