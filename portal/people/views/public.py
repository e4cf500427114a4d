"""A person as others see them (PPL-27)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, url_for

from portal.config.people_values import LETTERS_PER_HOUR
from portal.config.rates import rate
from portal.kernel.access import open_to_all, signed_in
from portal.kernel.errors import NotFound
from portal.kernel.i18n import _
from portal.kernel.limits import by_caller, limiter
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, known_visitor, visitor
from portal.people.about_forms import LetterForm
from portal.people.seeing import seen_person
from portal.people.views.door import blueprint
from portal.people.words import HOST_LABELS, NETWORK_LABELS
from portal.people.writing import write_to_friend


@blueprint.get("/people/<uuid:user_id>")
@open_to_all("a card shows what its holder lets everybody see")
def person(user_id: UUID) -> Response:
    """Somebody's card, as whoever asks may see it."""
    viewer = visitor()
    seen = seen_person(user_id, viewer.user_id if viewer else None)
    return page(
        "people/person.html", seen=seen, form=LetterForm(), networks=NETWORK_LABELS, hosts=HOST_LABELS
    )


@blueprint.post("/people/<uuid:user_id>/letter")
@signed_in
@limiter.limit(rate(LETTERS_PER_HOUR, "hour"), key_func=by_caller)
def write_letter(user_id: UUID) -> Response:
    """Write to somebody I have brought."""
    me, form = known_visitor().user_id, LetterForm()
    seen = seen_person(user_id, me)
    if not seen.may_write:
        raise NotFound
    if form.validate_on_submit():
        with form.attempt():
            write_to_friend(user_id, me, form.words.data, by=actor())
            flash(_("Your words are on their way."), "success")
            return see_other(url_for(".person", user_id=user_id))
    return page(
        "people/person.html",
        seen=seen,
        form=form,
        networks=NETWORK_LABELS,
        hosts=HOST_LABELS,
        status=422,
    )
