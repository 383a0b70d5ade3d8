"""Conditional answers: who polls and has seen it all gets 304 and no body."""

import hashlib

from flask import Response, request


def conditional(response: Response) -> Response:
    """Tag an answer by its bytes, and empty it if the client has these bytes already.

    The tag is weak: compression on the way may change the bytes but not what they say.

    Source: RFC 9110, sections 8.8.3 and 13.1.2.
    """
    if request.method not in {"GET", "HEAD"} or response.status_code != 200:  # noqa: PLR2004 - OK
        return response
    digest = hashlib.sha256(response.get_data()).hexdigest()
    response.set_etag(digest[:32], weak=True)
    response.make_conditional(request)
    return response
