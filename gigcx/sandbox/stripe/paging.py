"""Lists in pages, the latest first."""

from gigcx.sandbox.stripe.store import Object

PAGE = 10
PAGE_MAX = 100


def page(found: list[Object], *, query: Object, path: str) -> Object:
    """Return one page of a list.

    Source: docs.stripe.com/api/pagination.
    """
    since = (query.get("created") or {}).get("gte", 0)
    found = [one for one in found if one["created"] >= since]
    after = query.get("starting_after")
    if after is not None:
        ids = [one["id"] for one in found]
        found = found[ids.index(after) + 1 :] if after in ids else []
    limit = min(query.get("limit", PAGE), PAGE_MAX)
    return {"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": path}
