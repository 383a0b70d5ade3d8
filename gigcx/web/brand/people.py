"""Experts of the brand and what they are certified for; keys for programs."""

from uuid import UUID

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.catalog import queries as catalog
from gigcx.catalog import service as certificates
from gigcx.experts import queries
from gigcx.experts import service as experts
from gigcx.http.access import permit
from gigcx.identity import queries as identity
from gigcx.identity.service import keys
from gigcx.paging import Page
from gigcx.web.brand import bp
from gigcx.web.forms import attempt, go, id_of, page, read, text


@bp.get("/experts")
@permit("experts.read")
def list_experts() -> ResponseReturnValue:
    """Show who answers for the brand, on what, and invite more."""
    who = principal.current()
    certified = catalog.list_certificates(who, Page(limit=200)).items
    return render_template(
        "brand/experts.html",
        found=queries.list_experts(who, page()),
        certificates=[c for c in certified if c.state == "valid"],
        topics=catalog.names_of(who.brand_ids[0], [c.topic_id for c in certified]),
        tree=catalog.tree_of(who),
        keys=identity.list_keys(who, Page(limit=50)).items,
    )


@bp.post("/experts")
@permit("experts.write")
def invite_expert() -> ResponseReturnValue:
    """Invite a customer to answer."""
    form = read(
        lambda: (
            text("name", "The name", most=120),
            text("email", "The e-mail", most=200),
        )
    )
    if form is not None:
        name, email = form
        attempt(
            f"{name} gets a mail with a link, and can answer as soon as a certificate is issued.",
            experts.invite_expert,
            brand_id=principal.current().brand_ids[0],
            name=name,
            email=email,
        )
    return go(url_for("web_brand.list_experts"))


@bp.post("/experts/<id(expert):expert_id>/certificates")
@permit("certificates.write")
def certify(expert_id: UUID) -> ResponseReturnValue:
    """Certify an expert for a topic and all below it."""
    topic_id = read(lambda: id_of("topic", "topic", "a topic"))
    if topic_id is not None:
        queries.get_expert(principal.current(), expert_id)
        attempt(
            "Certified for a year.",
            certificates.issue_certificate,
            brand_id=principal.current().brand_ids[0],
            expert_id=expert_id,
            topic_id=topic_id,
        )
    return go(url_for("web_brand.list_experts"))


@bp.post("/certificates/<id(certificate):certificate_id>/revoke")
@permit("certificates.write")
def revoke_certificate(certificate_id: UUID) -> ResponseReturnValue:
    """Let a certificate count no more."""
    attempt(
        "It counts no more. What is claimed goes on.",
        certificates.revoke_certificate,
        who=principal.current(),
        certificate_id=certificate_id,
    )
    return go(url_for("web_brand.list_experts"))


@bp.post("/topics")
@permit("topics.write")
def save_topic() -> ResponseReturnValue:
    """Add a product or topic to the catalogue."""
    path = read(lambda: text("path", "The topic", most=300))
    if path is not None:
        attempt(
            "Added.",
            certificates.topic_of_path,
            brand_id=principal.current().brand_ids[0],
            names=[name.strip() for name in path.split("/") if name.strip()],
        )
    return go(url_for("web_brand.list_experts"))


@bp.post("/keys")
@permit("keys.write")
def issue_key() -> ResponseReturnValue:
    """Make an API key in one's own name; it is shown once."""
    who = principal.current()
    name = read(lambda: text("name", "The key's name", most=80))
    if name is not None:
        issued = attempt(
            "",
            keys.issue_key,
            user_id=who.user_id,
            name=name,
            role=next(iter(who.roles)),
            brand_id=who.brand_ids[0],
        )
        if issued is not None:
            flash(f"Copy your key now, it is not shown again: {issued.secret}", "warn")
    return go(url_for("web_brand.list_experts"))


@bp.post("/keys/<id(api_key):key_id>/revoke")
@permit("keys.write")
def revoke_key(key_id: UUID) -> ResponseReturnValue:
    """End a key of one's own, at once."""
    attempt("The key opens nothing.", keys.revoke_key, who=principal.current(), key_id=key_id)
    return go(url_for("web_brand.list_experts"))
