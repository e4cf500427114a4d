"""A person's own pages: profile, day of birth, guardian, settings."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.config.people_values import GUARDIAN_ASKS, GUARDIAN_DAYS
from portal.config.rates import picture_limit, rate
from portal.config.values import value_of
from portal.identity.directory import contacts_of
from portal.kernel.access import signed_in
from portal.kernel.i18n import _, ngettext
from portal.kernel.limits import by_caller, limiter
from portal.kernel.pages import page, safe_next, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.people import guardians, queries, services
from portal.people.ages import Missing, is_adult
from portal.people.birthdays import GuardianNeeded, set_birthday, state_birthday
from portal.people.forms import BirthdayForm, GuardianForm, ProfileForm, SettingsForm
from portal.people.models import Relationship, Theme
from portal.people.place_forms import place_data
from portal.people.places import all_towns
from portal.people.views.door import blueprint
from portal.people.words import NETWORK_LABELS


@blueprint.get("/profile")
@signed_in
def profile() -> Response:
    """Who I am here, and what is still missing."""
    me = known_visitor().user_id
    return page(
        "people/profile.html", me=queries.profile_page(me), contacts=contacts_of(me), networks=NETWORK_LABELS
    )


@blueprint.route("/profile/edit", methods=["GET", "POST"])
@signed_in
@picture_limit
def edit_profile() -> Response:
    """Change names, words, picture and place."""
    me = known_visitor().user_id
    kept = queries.profile_page(me)
    form = ProfileForm(data=_profile_data(kept))
    if form.validate_on_submit():
        with form.attempt():
            _save_profile(me, form)
            flash(_("Your profile is saved."), "success")
            return see_other(url_for("people.profile"))
    status = 422 if form.errors else 200
    return page("people/edit_profile.html", status=status, form=form, me=kept, towns=all_towns())


@blueprint.route("/profile/birthday", methods=["GET", "POST"])
@signed_in
def birthday() -> Response:
    """Tell the day of birth, once; under 18 a guardian is named in the next step."""
    me = known_visitor().user_id
    following = safe_next(request.values.get("next"), url_for("people.profile"))
    known = queries.birthdays_of(me)
    if request.method == "GET" and known.kept is not None:
        return see_other(following)
    if request.method == "GET" and known.missing is Missing.GUARDIAN:
        return see_other(url_for("people.name_guardian", next=following))
    form = BirthdayForm()
    if form.validate_on_submit():
        with form.attempt():
            try:
                set_birthday(me, form.date_of_birth.data, by=actor())
            except GuardianNeeded:
                state_birthday(me, form.date_of_birth.data, by=actor())
                return see_other(url_for("people.name_guardian", next=following))
            flash(_("Your birthday is saved."), "success")
            return see_other(following)
    return page("people/birthday.html", form=form, next=following, status=422 if form.errors else 200)


@blueprint.route("/profile/guardian", methods=["GET", "POST"])
@signed_in
@limiter.limit(rate(GUARDIAN_ASKS, "hour"), methods=["POST"], key_func=by_caller)
def name_guardian() -> Response:
    """Name the adult who is to answer for me; the answer is the same whoever has that address."""
    me = known_visitor().user_id
    following = safe_next(request.values.get("next"), url_for("people.profile"))
    born = queries.said_birthday_of(me)
    if born is None or is_adult(born):
        return see_other(url_for("people.birthday", next=following))
    form = GuardianForm()
    if form.validate_on_submit():
        with form.attempt():
            relationship = Relationship(form.relationship.data)
            guardians.name_guardian(me, born, form.contact.data, relationship, by=actor())
            flash(_asked(), "success")
            return see_other(following)
    return page(
        "people/name_guardian.html",
        form=form,
        me=queries.profile_page(me),
        born=born,
        next=following,
        status=422 if form.errors else 200,
    )


@blueprint.post("/profile/guardian/withdraw")
@signed_in
def withdraw_guardian_request() -> Response:
    """I ask this person no more."""
    guardians.withdraw_request(known_visitor().user_id, by=actor())
    flash(_("Your question is withdrawn. You can name another adult."), "success")
    return see_other(url_for("people.profile"))


@blueprint.route("/settings", methods=["GET", "POST"])
@signed_in
def preferences() -> Response:
    """Language, time zone, colours, privacy."""
    me = known_visitor().user_id
    kept = queries.settings_of(me)
    form = SettingsForm(data=_settings_data(kept))
    form.offer_zones(kept.preferences.timezone)
    if form.validate_on_submit():
        with form.attempt():
            services.save_settings(me, _settings_facts(form), by=actor())
            flash(_("Your settings are saved."), "success")
            return see_other(url_for("people.preferences"))
    return page("people/preferences.html", form=form, status=422 if form.errors else 200)


def _asked() -> str:
    return ngettext(
        "We are writing to this person. To say yes they need an account of their own with this address or number, and"
        " must be 18 or older. Your question is open for %(num)s day.",
        "We are writing to this person. To say yes they need an account of their own with this address or number, and"
        " must be 18 or older. Your question is open for %(num)s days.",
        value_of(GUARDIAN_DAYS),
    )


def _profile_data(kept: queries.ProfilePage) -> dict[str, object]:
    place = kept.location
    return {
        "full_name": kept.profile.full_name,
        "display_name": kept.profile.display_name,
        "bio": kept.profile.bio,
        "interests": ", ".join(kept.profile.interests),
        "city": place.city if place else None,
        **(place_data(place.country, place.region, place.department) if place else {}),
    }


def _save_profile(me: UUID, form: ProfileForm) -> None:
    facts = services.ProfileFacts(
        full_name=form.full_name.data,
        display_name=form.display_name.data,
        bio=form.bio.data,
        interests=form.interests.data,
        place=form.place(form.city.data),
    )
    services.save_profile(me, facts, by=actor())
    if form.photo.data:
        services.save_portrait(me, form.photo.data.read(), by=actor())
    elif form.remove_photo.data:
        services.remove_portrait(me, by=actor())


def _settings_data(kept: queries.Settings) -> dict[str, object]:
    return {
        "locale": kept.preferences.locale,
        "timezone": kept.preferences.timezone,
        "currency": kept.preferences.currency,
        "theme": kept.preferences.theme,
        "profile_visible": kept.privacy.profile_visible,
        "share_referral_stats": kept.privacy.share_referral_stats,
        "allow_contact_by_sponsors": kept.privacy.allow_contact_by_sponsors,
        "share_birthday": kept.privacy.share_birthday,
    }


def _settings_facts(form: SettingsForm) -> services.SettingFacts:
    return services.SettingFacts(
        locale=form.locale.data,
        timezone=form.timezone.data,
        currency=form.currency.data,
        theme=Theme(form.theme.data),
        profile_visible=form.profile_visible.data,
        share_referral_stats=form.share_referral_stats.data,
        allow_contact_by_sponsors=form.allow_contact_by_sponsors.data,
        share_birthday=form.share_birthday.data,
    )
