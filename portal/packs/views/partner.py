"""A house's own shelf of packs (PACK-14)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from portal.config.rates import picture_limit
from portal.kernel.access import current_partner_id, partner_team
from portal.kernel.forms import said_yes
from portal.kernel.pages import page
from portal.kernel.roles import MANAGERS, TEAM
from portal.kernel.visitor import known_visitor
from portal.packs import queries
from portal.packs.views import editing
from portal.packs.words import CATEGORY_LABELS
from portal.partners.policies import runs_partner
from portal.partners.queries import partner_facts

blueprint = Blueprint("packs_partner", __name__, url_prefix="/partner/packs")
blueprint.context_processor(lambda: {"category_labels": CATEGORY_LABELS})


@blueprint.get("")
@partner_team(TEAM)
def index() -> Response:
    """The packs of the house, paused ones too."""
    found = queries.shelf(current_partner_id(), request.args.get("cursor"))
    role = known_visitor().role_at(current_partner_id())
    return page("packs/partner/index.html", packs=found, may_edit=runs_partner(role))


@blueprint.route("/new", methods=["GET", "POST"])
@partner_team(MANAGERS)
@picture_limit
def new() -> Response:
    """A new pack."""
    partner = partner_facts(current_partner_id())
    return editing.fill_in_new(partner, template="packs/partner/edit.html", done=url_for(".index"))


@blueprint.route("/<uuid:pack_id>", methods=["GET", "POST"])
@partner_team(MANAGERS)
@picture_limit
def edit(pack_id: UUID) -> Response:
    """Change a pack."""
    return editing.fill_in_again(
        pack_id, current_partner_id(), template="packs/partner/edit.html", done=url_for(".index")
    )


@blueprint.post("/<uuid:pack_id>/offer")
@partner_team(MANAGERS)
def offer(pack_id: UUID) -> Response:
    """Put a pack on offer or pause it."""
    is_active = said_yes("is_active")
    return editing.offer(pack_id, current_partner_id(), is_active=is_active, done=url_for(".index"))


@blueprint.post("/<uuid:pack_id>/gallery")
@partner_team(MANAGERS)
@picture_limit
def add_picture(pack_id: UUID) -> Response:
    """One more picture for the gallery."""
    done = url_for(".edit", pack_id=pack_id)
    return editing.add_picture(pack_id, current_partner_id(), template="packs/partner/edit.html", done=done)


@blueprint.post("/<uuid:pack_id>/gallery/<uuid:file_id>/removal")
@partner_team(MANAGERS)
def remove_picture(pack_id: UUID, file_id: UUID) -> Response:
    """One picture less in the gallery."""
    done = url_for(".edit", pack_id=pack_id)
    return editing.remove_picture(pack_id, file_id, current_partner_id(), done=done)
