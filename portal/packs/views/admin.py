"""All packs, for admins (PACK-14)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from portal.kernel.access import staff, step_up_when
from portal.kernel.asking import wants_file
from portal.kernel.errors import NotFound
from portal.kernel.forms import said_yes
from portal.kernel.ids import parse_id
from portal.kernel.pages import csv_file, page
from portal.kernel.places import REGIONS
from portal.kernel.roles import Permission
from portal.packs import queries
from portal.packs.views import editing
from portal.packs.views.asking import wanted_packs
from portal.packs.words import CATEGORY_LABELS
from portal.partners.queries import partner_facts

blueprint = Blueprint("packs_admin", __name__, url_prefix="/admin/packs")
blueprint.context_processor(lambda: {"category_labels": CATEGORY_LABELS})


@blueprint.get("")
@staff(Permission.LOOK)
@step_up_when(wants_file)
def index() -> Response:
    """Packs of every house, by kind, price, place, state and words."""
    wanted = wanted_packs()
    if wants_file():
        return _as_file(wanted)
    found = queries.all_packs(wanted, request.args.get("cursor"))
    return page("packs/admin/index.html", packs=found, wanted=wanted, regions=REGIONS)


def _as_file(wanted: queries.PackFilter) -> Response:
    header = (
        "id",
        "partner",
        "name",
        "category",
        "price",
        "reduced_price",
        "active",
        "taken",
        "in_all",
        "days",
    )
    rows = [
        (
            str(pack.id),
            partner_name,
            pack.name,
            pack.category,
            pack.base_price_minor,
            pack.discounted_price_minor,
            pack.is_active,
            pack.quantity_taken,
            pack.total_available_quantity,
            pack.validity_days,
        )
        for pack, partner_name in queries.all_pack_rows(wanted)
    ]
    return csv_file("packs.csv", header, rows)


@blueprint.route("/new", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
def new() -> Response:
    """A new pack for the house that `partner` in the address names."""
    partner_id = parse_id(request.args.get("partner"))
    if partner_id is None:
        raise NotFound
    partner = partner_facts(partner_id)
    return editing.fill_in_new(partner, template="packs/admin/edit.html", done=url_for(".index"))


@blueprint.route("/<uuid:pack_id>", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
def edit(pack_id: UUID) -> Response:
    """Change a pack of any house."""
    return editing.fill_in_again(pack_id, None, template="packs/admin/edit.html", done=url_for(".index"))


@blueprint.post("/<uuid:pack_id>/offer")
@staff(Permission.RUN_PARTNERS)
def offer(pack_id: UUID) -> Response:
    """Put a pack on offer or pause it."""
    is_active = said_yes("is_active")
    return editing.offer(pack_id, None, is_active=is_active, done=url_for(".index"))


@blueprint.post("/<uuid:pack_id>/gallery")
@staff(Permission.RUN_PARTNERS)
def add_picture(pack_id: UUID) -> Response:
    """One more picture for the gallery."""
    done = url_for(".edit", pack_id=pack_id)
    return editing.add_picture(pack_id, None, template="packs/admin/edit.html", done=done)


@blueprint.post("/<uuid:pack_id>/gallery/<uuid:file_id>/removal")
@staff(Permission.RUN_PARTNERS)
def remove_picture(pack_id: UUID, file_id: UUID) -> Response:
    """One picture less in the gallery."""
    return editing.remove_picture(pack_id, file_id, None, done=url_for(".edit", pack_id=pack_id))
