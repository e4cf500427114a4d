"""Operator values: every number of the business, with its bounds."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Response, abort, flash, url_for

from portal.admin.forms import ValueForm
from portal.admin.services import change_value
from portal.admin.views.door import blueprint
from portal.config.values import REGISTRY, Setting, value_of
from portal.kernel.access import staff, step_up
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.pages import page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor


@blueprint.get("/values")
@staff(Permission.SET_VALUES)
def values() -> Response:
    """Every value in force, its default and its bounds, by subject (ADM-11)."""
    settings = sorted(REGISTRY.values(), key=lambda setting: setting.key)
    groups = [
        (subject, [(setting, setting.told(value_of(setting))) for setting in members])
        for subject, members in groupby(settings, key=lambda setting: setting.key.split(".")[0])
    ]
    return page("admin/values.html", groups=groups)


@blueprint.route("/values/<key>", methods=["GET", "POST"])
@staff(Permission.SET_VALUES)
@step_up
def value(key: str) -> Response:
    """Change one value; it counts at once, and the reason is kept."""
    setting: Setting[Any] = REGISTRY.get(key) or abort(404)
    form = ValueForm()
    if form.validate_on_submit():
        with form.attempt():
            changed = _change(setting, form)
            flash(_("The value is in force.") if changed else _("It was that already."), "success")
            return see_other(url_for("admin.values"))
    if not form.is_submitted():
        form.value.data = "" if setting.is_sensitive else setting.written(value_of(setting))
    status = 422 if form.is_submitted() else 200
    return page(
        "admin/value.html", setting=setting, current=setting.told(value_of(setting)), form=form, status=status
    )


def _change(setting: Setting[Any], form: ValueForm) -> bool:
    """Read and store what was typed; a refusal is shown at the field."""
    try:
        return change_value(setting.key, form.value.data, reason=form.reason.data, by=actor())
    except InvalidInput as refusal:
        raise InvalidInput(refusal.message, field="value") from None
