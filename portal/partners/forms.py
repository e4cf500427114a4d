"""The forms of partners and of the admins who decide about them."""

from __future__ import annotations

from wtforms import BooleanField, SelectField

from portal.kernel.decimals import decimal_field
from portal.kernel.forms import (
    PortalForm,
    answers,
    email_field,
    long_text_field,
    number_field,
    optional,
    phone_field,
    required,
    text_field,
)
from portal.kernel.i18n import lazy
from portal.kernel.places import REGIONS
from portal.kernel.roles import MemberRole
from portal.partners.models import PartnerType, PaymentTerms
from portal.partners.policies import Topic
from portal.partners.services import Habits, Organisation, Terms
from portal.partners.venues import Place
from portal.partners.words import ROLE_LABELS, TERMS_LABELS, TYPE_LABELS
from portal.teams.forms import InvitationForm


class OrganisationForm(PortalForm):
    """What a house says about itself."""

    name = text_field(
        lazy("Name of your business"),
        255,
        required(lazy("Write the name of your business.")),
        render_kw={"autocomplete": "organization"},
    )
    type = SelectField(lazy("Type of business"), choices=answers(TYPE_LABELS))
    description = long_text_field(lazy("What do you offer?"), 2000, optional())
    contact_name = text_field(
        lazy("Who do we talk to?"),
        255,
        required(lazy("Write the name of the person we talk to.")),
        render_kw={"autocomplete": "name"},
    )
    contact_email = email_field(lazy("E-mail"), required(lazy("Write an e-mail address.")))
    contact_phone = phone_field(lazy("Phone"), required(lazy("Write a phone number.")))
    business_registration = text_field(lazy("Business registration (RCCM)"), 100, optional())
    tax_id = text_field(lazy("Tax number (NINEA)"), 50, optional())

    def details(self) -> Organisation:
        """What was filled in."""
        return Organisation(
            name=self.name.data,
            type=PartnerType(self.type.data),
            description=self.description.data,
            contact_name=self.contact_name.data,
            contact_email=self.contact_email.data,
            contact_phone=self.contact_phone.data,
            business_registration=self.business_registration.data,
            tax_id=self.tax_id.data,
        )


class RegisterForm(OrganisationForm):
    """An application that an admin takes for somebody else."""

    owner = text_field(lazy("E-mail or mobile number of the owner"), 255, required())


class HabitsForm(PortalForm):
    """How the house works day by day."""

    auto_approve_redemptions = BooleanField(lazy("A scan is enough: redeem without a second tap"))
    redemptions = BooleanField(lazy("Tell our contact address about every gift we serve"))
    settlements = BooleanField(lazy("Tell our contact address about settlements and payments"))

    def habits(self) -> Habits:
        """What was chosen."""
        return Habits(
            auto_approve_redemptions=self.auto_approve_redemptions.data,
            told={topic: bool(self[topic].data) for topic in Topic},
        )


class TermsForm(PortalForm):
    """What is agreed with a house."""

    revenue_split_percentage = decimal_field(lazy("The partner's share (%)"), 0, 100, 2, required())
    payment_terms = SelectField(lazy("Settled"), choices=answers(TERMS_LABELS))
    minimum_payout_minor = number_field(lazy("Smallest payout"), 0, 10_000_000)

    def terms(self) -> Terms:
        """What was filled in."""
        return Terms(
            revenue_split_percentage=self.revenue_split_percentage.data,
            payment_terms=PaymentTerms(self.payment_terms.data),
            minimum_payout_minor=self.minimum_payout_minor.data,
        )


class VenueForm(PortalForm):
    """A place where gifts are served."""

    name = text_field(lazy("Name of the place"), 255, required(lazy("Write the name of the place.")))
    street = text_field(lazy("Street"), 255, optional(), render_kw={"autocomplete": "street-address"})
    city = text_field(lazy("Town or quarter"), 100, required(lazy("Write the town or quarter.")))
    region = SelectField(lazy("Region"), choices=answers({region: region for region in REGIONS}))
    phone = phone_field(lazy("Phone"), optional())
    latitude = decimal_field(lazy("Latitude"), -90, 90, 5, optional())
    longitude = decimal_field(lazy("Longitude"), -180, 180, 5, optional())

    def place(self) -> Place:
        """What was filled in."""
        return Place(
            name=self.name.data,
            street=self.street.data,
            city=self.city.data,
            region=self.region.data,
            phone=self.phone.data,
            latitude=self.latitude.data,
            longitude=self.longitude.data,
        )


class InviteForm(InvitationForm):
    """A person for the team."""

    role = SelectField(lazy("Role"), choices=answers(ROLE_LABELS), default=MemberRole.STAFF)


class RoleForm(PortalForm):
    """Other rights for a member."""

    role = SelectField(lazy("Role"), choices=answers(ROLE_LABELS))
