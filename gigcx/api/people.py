"""People, brands and API keys."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.answers import CREATED, REPEATABLE, create, paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import PageArgumentsSchema, page_of
from gigcx.api.schemas.people import (
    BrandRequestSchema,
    BrandSchema,
    IssuedKeySchema,
    KeyRequestSchema,
    KeyRotationSchema,
    KeySchema,
    PersonRequestSchema,
    PersonSchema,
)
from gigcx.db import commit
from gigcx.http import invitations, paging
from gigcx.http.access import permit
from gigcx.identity import queries
from gigcx.identity.service import keys as key_service
from gigcx.identity.service import people as people_service

people = Resource("people", __name__, path="/people")
brands = Resource("brands", __name__, path="/brands")
keys = Resource("api-keys", __name__, path="/api-keys")


@people.get("")
@permit("people.read")
@people.arguments(PageArgumentsSchema, location="query")
@people.response(200, page_of(PersonSchema))
def list_people(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the people of the brand, or everybody for an admin, the latest first."""
    return paged(queries.list_people(principal.current(), paging.page_of(**arguments)))


@people.post("")
@permit("people.write")
@people.doc(**REPEATABLE)
@people.arguments(PersonRequestSchema)
@people.response(201, PersonSchema)
def invite_person(asked: dict[str, Any]) -> Response:
    """Give somebody a role; who has no account yet gets one, without a password."""
    return create(PersonSchema(), invitations.invite_person, who=principal.current(), **asked)


@brands.get("")
@permit("brands.read")
@brands.arguments(PageArgumentsSchema, location="query")
@brands.response(200, page_of(BrandSchema))
def list_brands(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the brands that one may see, the latest first."""
    return paged(queries.list_brands(principal.current(), paging.page_of(**arguments)))


@brands.post("")
@permit("brands.write")
@brands.doc(**REPEATABLE)
@brands.arguments(BrandRequestSchema)
@brands.response(201, BrandSchema)
def create_brand(asked: dict[str, Any]) -> Response:
    """Let a brand in."""
    return create(BrandSchema(), people_service.create_brand, **asked)


@brands.get("/<id(brand):brand_id>")
@permit("brands.read")
@brands.response(200, BrandSchema)
def get_brand(brand_id: UUID) -> Response:
    """Show one brand."""
    return jsonify(BrandSchema().dump(queries.get_brand(brand_id)))


@keys.get("")
@permit("keys.read")
@keys.arguments(PageArgumentsSchema, location="query")
@keys.response(200, page_of(KeySchema))
def list_keys(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List one's own keys, the latest first."""
    return paged(queries.list_keys(principal.current(), paging.page_of(**arguments)))


@keys.post("")
@permit("keys.write")
@keys.arguments(KeyRequestSchema)
@keys.response(201, IssuedKeySchema)
def issue_key(asked: dict[str, Any]) -> Response:
    """Make a key with the role in which one asks. Its secret is shown this one time.

    It takes no Idempotency-Key: a stored answer would keep the secret.
    """
    issued = commit(invitations.issue_own_key, who=principal.current(), **asked)
    response = jsonify(IssuedKeySchema().dump(issued))
    response.status_code = CREATED
    return response


@keys.post("/<id(api_key):key_id>/rotate")
@permit("keys.write")
@keys.arguments(KeyRotationSchema)
@keys.response(201, IssuedKeySchema)
def rotate_key(asked: dict[str, Any], key_id: UUID) -> Response:
    """Make a key's successor, which may do the same; the old one ends after the overlap."""
    overlap = timedelta(hours=asked["overlap_hours"])
    who = principal.current()
    issued = commit(invitations.rotate_own_key, who=who, key_id=key_id, overlap=overlap)
    response = jsonify(IssuedKeySchema().dump(issued))
    response.status_code = CREATED
    return response


@keys.delete("/<id(api_key):key_id>")
@permit("keys.write")
@keys.response(204)
def revoke_key(key_id: UUID) -> None:
    """End a key of one's own, at once."""
    commit(key_service.revoke_key, who=principal.current(), key_id=key_id)
