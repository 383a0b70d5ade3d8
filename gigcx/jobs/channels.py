"""Mails that came in: read, and taken to the thread they belong to."""

import base64
from email.utils import parseaddr
from typing import Any

from flask import current_app

from gigcx.channels import service
from gigcx.db import commit
from gigcx.gateways.inbound_mail import read_mail
from gigcx.http import links


def receive_mail(payload: dict[str, Any]) -> None:
    """Take a mail in, by the address it was sent to or by the thread that it names."""
    mail = read_mail(base64.b64decode(payload["raw"]))
    addresses = (*payload.get("recipients", ()), *mail.recipients)
    found = {
        kind: next(
            filter(None, (links.thing_of_address(kind, address) for address in addresses)), None
        )
        for kind in ("reply", "ask")
    }
    commit(
        service.receive_mail,
        mail=mail,
        own_address=parseaddr(current_app.config["MAIL_FROM"])[1].lower(),
        ticket_id=found["reply"],
        queue_id=found["ask"],
    )
