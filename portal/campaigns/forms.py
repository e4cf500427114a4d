"""The forms of sponsor companies and of the admins who decide about them."""

from __future__ import annotations

from wtforms import SelectField

from portal.campaigns.words import ROLE_LABELS
from portal.kernel.forms import PortalForm, answers, email_field, optional, required, text_field
from portal.kernel.i18n import lazy
from portal.kernel.roles import CompanyRole
from portal.teams.forms import InvitationForm


class CompanyForm(PortalForm):
    """What is known of a company."""

    name = text_field(
        lazy("Name of the company"),
        255,
        required(lazy("Write the name of the company.")),
        render_kw={"autocomplete": "organization"},
    )
    contact_email = email_field(lazy("E-mail"), optional())


class NewCompanyForm(CompanyForm):
    """A company with its first owner."""

    owner = text_field(
        lazy("E-mail or mobile number of the owner"),
        255,
        required(lazy("Write an e-mail address or a mobile number.")),
    )


class InviteForm(InvitationForm):
    """A person for the company."""

    role = SelectField(lazy("Role"), choices=answers(ROLE_LABELS), default=CompanyRole.VIEWER)


class RoleForm(PortalForm):
    """Other rights for a member."""

    role = SelectField(lazy("Role"), choices=answers(ROLE_LABELS))
