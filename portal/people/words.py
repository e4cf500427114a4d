"""What choices of the people's room are called on pages."""

from __future__ import annotations

from portal.kernel.i18n import lazy
from portal.people.about import Gender, Network, Occupation
from portal.people.models import (
    AddressType,
    ChangeStatus,
    DocumentStatus,
    DocumentType,
    HostType,
    Relationship,
)

GUARDIAN_FIRST = lazy(
    "You are under 18: your guardian has to confirm first, from their own account. See your profile."
)
GENDER_LABELS: dict[str, str] = {
    Gender.WOMAN: lazy("A woman"),
    Gender.MAN: lazy("A man"),
    Gender.OTHER: lazy("Neither, or both"),
}
OCCUPATION_LABELS: dict[str, str] = {
    Occupation.PUPIL: lazy("At school or university"),
    Occupation.EMPLOYED: lazy("Employed"),
    Occupation.OWN_BUSINESS: lazy("My own business"),
    Occupation.LAND_OR_SEA: lazy("Farming, herding or fishing"),
    Occupation.AT_HOME: lazy("At home with the family"),
    Occupation.SEEKING: lazy("Looking for work"),
    Occupation.RETIRED: lazy("Retired"),
}
NETWORK_LABELS: dict[str, str] = {
    Network.INSTAGRAM: "Instagram",
    Network.FACEBOOK: "Facebook",
    Network.TIKTOK: "TikTok",
    Network.X: "X",
    Network.LINKEDIN: "LinkedIn",
    Network.YOUTUBE: "YouTube",
}
ADDRESS_LABELS: dict[str, str] = {
    AddressType.PRIMARY: lazy("Where I live"),
    AddressType.BILLING: lazy("Bills"),
    AddressType.DELIVERY: lazy("Parcels"),
}
HOST_LABELS: dict[str, str] = {
    HostType.HOST: lazy("Welcomes guests"),
    HostType.GUIDE: lazy("Guides travellers"),
    HostType.TUTOR: lazy("Teaches"),
    HostType.DRIVER: lazy("Drives"),
    HostType.OTHER: lazy("Offers something else"),
}
PAPER_LABELS: dict[str, str] = {
    DocumentType.NATIONAL_ID: lazy("Identity card"),
    DocumentType.PASSPORT: lazy("Passport"),
    DocumentType.BIRTH_CERTIFICATE: lazy("Birth certificate"),
}
PAPER_STATES: dict[str, str] = {
    DocumentStatus.PENDING: lazy("To be looked at"),
    DocumentStatus.VERIFIED: lazy("Verified"),
    DocumentStatus.REJECTED: lazy("Refused"),
    DocumentStatus.EXPIRED: lazy("Expired"),
}
CHANGE_STATES: dict[str, str] = {
    ChangeStatus.WAITING: lazy("To be decided"),
    ChangeStatus.ENDED: lazy("Guardianship ended"),
    ChangeStatus.REFUSED: lazy("Guardian stays"),
    ChangeStatus.WITHDRAWN: lazy("Withdrawn"),
}
RELATIONSHIP_LABELS: dict[str, str] = {
    Relationship.PARENT: lazy("Father or mother"),
    Relationship.GUARDIAN: lazy("Guardian"),
    Relationship.SIBLING: lazy("Grown-up brother or sister"),
    Relationship.OTHER: lazy("Another adult of the family"),
}
