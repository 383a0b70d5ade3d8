"""How the stand-in says no."""

from gigcx.sandbox.stripe.store import Object, Store


class Refused(Exception):
    """An answer of Stripe's that refuses.

    Source: docs.stripe.com/api/errors.
    """

    def __init__(
        self, status: int, code: str, message: str, *, kind: str = "invalid_request_error"
    ) -> None:
        """Refuse with a status and Stripe's own code."""
        super().__init__(message)
        self.status = status
        self.body: Object = {"error": {"type": kind, "code": code, "message": message}}


def find(store: Store, kind: str, id_: str, *, account: str | None = None) -> Object:
    """Return an object, or refuse as Stripe does.

    :raises Refused: if there is none of that kind and id, or another account has it.
    """
    found = store.get(kind, id_, account=account)
    if found is None:
        raise Refused(404, "resource_missing", f"No such {kind}: '{id_}'")
    return found
