"""Experts, the catalogue of topics, and who is certified for what."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.answers import REPEATABLE, create, paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import PageArgumentsSchema, page_of
from gigcx.api.schemas.people import (
    CertificateArgumentsSchema,
    CertificateRequestSchema,
    CertificateSchema,
    ExpertRequestSchema,
    ExpertSchema,
    TopicRequestSchema,
    TopicSchema,
)
from gigcx.catalog import queries as catalog
from gigcx.catalog import service as catalog_service
from gigcx.db import commit
from gigcx.experts import queries, service
from gigcx.http import paging
from gigcx.http.access import permit

experts = Resource("experts", __name__, path="/experts")
topics = Resource("topics", __name__, path="/topics")
certificates = Resource("certificates", __name__, path="/certificates")


@experts.get("")
@permit("experts.read")
@experts.arguments(PageArgumentsSchema, location="query")
@experts.response(200, page_of(ExpertSchema))
def list_experts(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the brand's experts, the latest first."""
    return paged(queries.list_experts(principal.current(), paging.page_of(**arguments)))


@experts.post("")
@permit("experts.write")
@experts.doc(**REPEATABLE)
@experts.arguments(ExpertRequestSchema)
@experts.response(201, ExpertSchema)
def invite_expert(asked: dict[str, Any]) -> Response:
    """Let an owner of the brand's products work for it; who is there already is not made twice."""
    brand_id = principal.current().brand_ids[0]
    return create(ExpertSchema(), service.invite_expert, brand_id=brand_id, **asked)


@experts.get("/<id(expert):expert_id>")
@permit("experts.read")
@experts.response(200, ExpertSchema)
def get_expert(expert_id: UUID) -> Response:
    """Show one of the brand's experts."""
    return jsonify(ExpertSchema().dump(queries.get_expert(principal.current(), expert_id)))


@topics.get("")
@permit("topics.read")
@topics.arguments(PageArgumentsSchema, location="query")
@topics.response(200, page_of(TopicSchema))
def list_topics(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the topics of the catalogues that one may see, the latest first."""
    return paged(catalog.list_topics(principal.current(), paging.page_of(**arguments)))


@topics.post("")
@permit("topics.write")
@topics.doc(**REPEATABLE)
@topics.arguments(TopicRequestSchema)
@topics.response(201, TopicSchema)
def save_topic(asked: dict[str, Any]) -> Response:
    """Return the topic of this name below its parent, made if it is new."""
    brand_id = principal.current().brand_ids[0]
    return create(TopicSchema(), catalog_service.save_topic, brand_id=brand_id, **asked)


@certificates.get("")
@permit("certificates.read")
@certificates.arguments(CertificateArgumentsSchema, location="query")
@certificates.response(200, page_of(CertificateSchema))
def list_certificates(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the certificates that one may see, the latest first."""
    expert_id = arguments.pop("expert", None)
    page = paging.page_of(**arguments)
    return paged(catalog.list_certificates(principal.current(), page, expert_id=expert_id))


@certificates.post("")
@permit("certificates.write")
@certificates.doc(**REPEATABLE)
@certificates.arguments(CertificateRequestSchema)
@certificates.response(201, CertificateSchema)
def issue_certificate(asked: dict[str, Any]) -> Response:
    """Certify one of the brand's experts for a topic and all below it."""
    who = principal.current()
    queries.get_expert(who, asked["expert_id"])
    return create(
        CertificateSchema(),
        catalog_service.issue_certificate,
        brand_id=who.brand_ids[0],
        **asked,
    )


@certificates.post("/<id(certificate):certificate_id>/revoke")
@permit("certificates.write")
@certificates.response(200, CertificateSchema)
def revoke_certificate(certificate_id: UUID) -> Response:
    """Let a certificate count no more."""
    revoked = commit(
        catalog_service.revoke_certificate,
        who=principal.current(),
        certificate_id=certificate_id,
    )
    return jsonify(CertificateSchema().dump(revoked))
