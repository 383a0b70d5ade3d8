"""Mail, by SMTP."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from gigcx.errors import Unavailable

TIMEOUT_SECONDS = 20


class MailUnavailable(Unavailable):
    """The mail server does not take the mail now."""

    code = "mail/unavailable"
    title = "Mail cannot be sent now"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person."""

    to: str
    subject: str
    text: str
    reference: str
    """Names the mail: the same one sent twice has the same Message-ID."""
    reply_to: str | None = None
    answers: tuple[str, ...] = ()
    """Message-IDs of the thread so far, the oldest first."""


class MailGateway:
    """Our side of the line to the mail server."""

    def __init__(self, smtp_url: str, *, sender: str) -> None:
        """Connect nothing yet.

        :param smtp_url: ``smtp://user:password@host:port``; ``smtps`` for TLS from the start.
        """
        self._address = urlsplit(smtp_url)
        self._sender = sender

    def send(self, mail: Mail) -> str:
        """Send a mail and return its Message-ID.

        :raises MailUnavailable: if the server does not take it; sending again later is right.
        """
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = mail.to
        message["Subject"] = " ".join(mail.subject.split())
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or "gigcx.example"
        name = f"<{mail.reference}@{domain}>"
        message["Message-ID"] = name
        if mail.reply_to is not None:
            message["Reply-To"] = mail.reply_to
        if mail.answers:
            message["In-Reply-To"] = mail.answers[-1]
            message["References"] = " ".join(mail.answers)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        try:
            with self._connect() as line:
                line.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable("The mail server does not take the mail.") from error
        return name

    def _connect(self) -> smtplib.SMTP:
        host, port = self._address.hostname, self._address.port
        if host is None:
            raise MailUnavailable("SMTP_URL is not set: no mail is sent.")
        if self._address.scheme == "smtps":
            line: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS)
        else:
            line = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
            line.ehlo()
            if line.has_extn("starttls"):
                line.starttls(context=ssl.create_default_context())
        if self._address.username:
            line.login(unquote(self._address.username), unquote(self._address.password or ""))
        return line
