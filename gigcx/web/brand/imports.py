"""Files: taken, looked at, read."""

from uuid import UUID

from flask import flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.desk.queries import imports as queries
from gigcx.desk.service import import_lines
from gigcx.desk.service import imports as service
from gigcx.http.access import permit
from gigcx.http.etag import conditional
from gigcx.http.limits import takes_files, uploaded
from gigcx.paging import Page
from gigcx.tickets import queries as queues
from gigcx.web.brand import bp
from gigcx.web.forms import attempt, go, id_of, page, read

KINDS = ("tickets", "customers", "orders", "contacts")


@bp.get("/imports")
@permit("imports.read")
def list_imports() -> ResponseReturnValue:
    """Show the files that were read, and take another."""
    who = principal.current()
    return render_template(
        "brand/imports.html",
        found=queries.list_imports(who, page()),
        queues=queues.list_queues(who, Page(limit=100)).items,
    )


@bp.post("/imports")
@takes_files
@permit("tickets.import")
def start_import() -> ResponseReturnValue:
    """Take a file and show what is in it."""
    file = request.files.get("file")
    kind = request.form.get("kind", "tickets")
    if file is None or not file.filename or kind not in KINDS:
        flash("Choose a file: CSV with a header, or JSON lines.", "error")
        return go(url_for("web_brand.list_imports"))
    queue_id = (
        read(lambda: id_of("queue", "queue", "a queue")) if request.form.get("queue") else None
    )
    with uploaded() as (name, content):
        stored = attempt(
            "",
            service.receive_file,
            who=principal.current(),
            kind=kind,
            file_name=name[:200],
            content=content,
            queue_id=queue_id,
        )
    if stored is None:
        return go(url_for("web_brand.list_imports"))
    return go(url_for("web_brand.show_import", import_id=stored.id))


@bp.post("/imports/<id(import):import_id>")
@permit("tickets.import")
def begin_import(import_id: UUID) -> ResponseReturnValue:
    """Read a file, each field from the column that was chosen for it."""
    mapping = {
        name.removeprefix("column-"): column
        for name, column in request.form.items()
        if name.startswith("column-") and column
    }
    attempt(
        "",
        service.begin_import,
        who=principal.current(),
        import_id=import_id,
        mapping=mapping,
    )
    return go(url_for("web_brand.show_import", import_id=import_id))


@bp.post("/imports/<id(import):import_id>/stop")
@permit("tickets.import")
def stop_import(import_id: UUID) -> ResponseReturnValue:
    """Stop reading a file; it can go on where it was."""
    attempt("Stopped.", service.stop_import, who=principal.current(), import_id=import_id)
    return go(url_for("web_brand.show_import", import_id=import_id))


@bp.get("/imports/<id(import):import_id>")
@permit("imports.read")
def show_import(import_id: UUID) -> ResponseReturnValue:
    """Show what a file holds, how far it is read and which lines were refused."""
    who = principal.current()
    found = queries.get_import(who, import_id)
    if found.state == "received" and "mapping" not in found.options:
        return render_template(
            "brand/preview.html",
            found=found,
            preview=service.preview_import(who, import_id),
            needed=import_lines.NEEDED[found.kind],
            helpful=import_lines.HELPFUL[found.kind],
        )
    template = "brand/_import.html" if "part" in request.args else "brand/import.html"
    page_ = render_template(
        template,
        found=found,
        refusals=queries.list_refusals(who, import_id, page()),
        topics=queries.certified_experts(found.brand_id)[:50] if found.kind == "tickets" else [],
    )
    return conditional(make_response(page_))
