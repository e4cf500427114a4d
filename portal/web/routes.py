"""All doors of the portal, by room and audience."""

from __future__ import annotations

from flask import Flask

from portal.admin import views as admin
from portal.campaigns.views import admin as campaigns_admin
from portal.campaigns.views import company as campaigns_company
from portal.identity import views as identity
from portal.identity.views import api as identity_api
from portal.identity.views.providers import returning
from portal.notifications.views import admin as notifications_admin
from portal.notifications.views import client as notifications_client
from portal.notifications.views import public as notifications_public
from portal.packs.views import admin as packs_admin
from portal.packs.views import partner as packs_partner
from portal.packs.views import public as packs_public
from portal.partners.views import admin as partners_admin
from portal.partners.views import partner as partners_partner
from portal.payments.views import admin as payments_admin
from portal.payments.views import public as payments_public
from portal.payouts.views import admin as payouts_admin
from portal.payouts.views import partner as payouts_partner
from portal.people import views as people
from portal.people.views import admin as people_admin
from portal.people.views import guardian_admin
from portal.pots.views import admin as pots_admin
from portal.pots.views import client as pots_client
from portal.pots.views import giving as pots_giving
from portal.pots.views import public as pots_public
from portal.privacy.views import admin as privacy_admin
from portal.privacy.views import client as privacy_client
from portal.privacy.views import public as privacy_public
from portal.privacy.views import questions
from portal.redemptions.views import admin as redemptions_admin
from portal.redemptions.views import client as redemptions_client
from portal.redemptions.views import partner as redemptions_partner
from portal.referrals import views as referrals
from portal.referrals.views import admin as referrals_admin
from portal.referrals.views import api as referrals_api
from portal.referrals.views import public as referrals_public
from portal.settlements.views import admin as settlements_admin
from portal.settlements.views import partner as settlements_partner
from portal.teams.views import client as teams
from portal.web import views

GENERAL = (
    views.blueprint,
    identity.blueprint,
    packs_public.blueprint,
    pots_public.blueprint,
    pots_giving.blueprint,
    privacy_public.blueprint,
    questions.blueprint,
    referrals_public.blueprint,
)
CLIENT = (
    identity_api.blueprint,
    people.blueprint,
    notifications_client.blueprint,
    privacy_client.blueprint,
    pots_client.blueprint,
    redemptions_client.blueprint,
    teams.blueprint,
)
SPONSOR = (referrals.blueprint, referrals_api.blueprint, campaigns_company.blueprint)
PARTNER = (
    redemptions_partner.blueprint,
    partners_partner.blueprint,
    packs_partner.blueprint,
    settlements_partner.blueprint,
    payouts_partner.blueprint,
)
ADMIN = (
    admin.blueprint,
    people_admin.blueprint,
    guardian_admin.blueprint,
    partners_admin.blueprint,
    packs_admin.blueprint,
    notifications_admin.blueprint,
    payments_admin.blueprint,
    pots_admin.blueprint,
    redemptions_admin.blueprint,
    referrals_admin.blueprint,
    campaigns_admin.blueprint,
    privacy_admin.blueprint,
    settlements_admin.blueprint,
    payouts_admin.blueprint,
)
# Callers without our cookie: they prove themselves by a signature instead of a form token.
SIGNED = (notifications_public.blueprint, payments_public.blueprint, returning)


def register(app: Flask) -> None:
    """Mount every room's pages."""
    for blueprint in (*GENERAL, *CLIENT, *SPONSOR, *PARTNER, *ADMIN, *SIGNED):
        app.register_blueprint(blueprint)
    for blueprint in SIGNED:
        app.extensions["csrf"].exempt(blueprint)
