"""All doors of the portal, by room and audience."""

from __future__ import annotations

from flask import Flask

from portal.identity import views as identity
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
from portal.people import views as people
from portal.web import views

GENERAL = (views.blueprint, identity.blueprint, packs_public.blueprint)
CLIENT = (people.blueprint, notifications_client.blueprint)
PARTNER = (partners_partner.blueprint, packs_partner.blueprint)
ADMIN = (
    partners_admin.blueprint,
    packs_admin.blueprint,
    notifications_admin.blueprint,
    payments_admin.blueprint,
)
# Callers without our cookie: they prove themselves by a signature instead of a form token.
SIGNED = (notifications_public.blueprint, payments_public.blueprint)


def register(app: Flask) -> None:
    """Mount every room's pages."""
    for blueprint in (*GENERAL, *CLIENT, *PARTNER, *ADMIN, *SIGNED):
        app.register_blueprint(blueprint)
    for blueprint in SIGNED:
        app.extensions["csrf"].exempt(blueprint)
