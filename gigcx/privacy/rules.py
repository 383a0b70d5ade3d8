"""How long personal data is kept. Source: GDPR, article 5(1)(e): no longer than it is needed."""

from datetime import timedelta

ORIGINALS_KEPT = timedelta(days=365)
"""After a ticket is closed: as long as its customer may come back to it."""
ANSWERS_KEPT = timedelta(days=2)
"""Of requests with an Idempotency-Key: longer than anybody repeats one."""
UNREAD_FILES_KEPT = timedelta(days=7)
"""Of imports that were looked at, or stopped, and never went on."""
