"""The catalogue: what a pot can become (PACK-13)."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from portal.kernel.access import open_to_all
from portal.kernel.pages import page, public_url
from portal.kernel.places import REGIONS
from portal.packs import queries
from portal.packs.views.asking import wanted_packs
from portal.packs.words import CATEGORY_LABELS

blueprint = Blueprint("packs_public", __name__, url_prefix="/packs")
blueprint.context_processor(lambda: {"category_labels": CATEGORY_LABELS})


@blueprint.get("")
@open_to_all("people look at packs before they have an account")
def catalogue() -> Response:
    """Packs on offer, by kind, price, house, place and words."""
    wanted = replace(wanted_packs(), is_active=None)
    sort = request.args.get("sort", "")
    found = queries.catalogue(wanted, request.args.get("cursor"), dearest_first=sort == "-price")
    return page(
        "packs/catalogue.html",
        packs=found,
        wanted=wanted,
        sort=sort,
        partners=queries.partners_on_offer(),
        regions=REGIONS,
    )


@blueprint.get("/<slug>")
@open_to_all("a pack's page is shared with guests")
def detail(slug: str) -> Response:
    """One pack: what is in it, where, under which conditions (PACK-10)."""
    return page("packs/detail.html", shown=queries.public_pack(slug[:100]), public_url=public_url)
