"""Rules of identity, payment and consent, shown from the records: how many rows each holds for, and for how many not.

One statement counts all of them, so that an auditor reads one moment (SEC-15).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, not_, or_, select, union_all

from portal.audit.models import AuditLog
from portal.config.values import TERMS_DAYS, value_of
from portal.consent.models import ConsentPurpose, ConsentRecord
from portal.consent.texts import LegalText, in_force
from portal.identity.models import User, UserStatus
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.i18n import lazy
from portal.ledger.models import Transfer, TransferStatus
from portal.payments.models import PaymentTransaction, Refund, RefundStatus
from portal.people.ages import ADULT_AT
from portal.people.models import DocumentStatus, IdentityDocument, Profile
from portal.pots.models import Donation, DonationStatus, Pot
from portal.privacy.models import PrivacyRequest, RequestStatus
from portal.referrals.models import Referral
from portal.settlements.models import PartnerSettlement, SettlementStatus

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence that every row of `subjects` has to make true by `holds`; the endpoint of the page that lists them."""

    key: str
    label: str
    subjects: Callable[[], Select[Any]]
    holds: Callable[[], ColumnElement[bool]]
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A rule with the rows it was looked at for, and those among them for which it is not true."""

    rule: Rule
    rows: int
    exceptions: int


def counted() -> list[Counted]:
    """Every rule with its counts, in one statement."""
    parts = [
        rule.subjects().with_only_columns(
            literal(place), func.count(), func.count().filter(not_(func.coalesce(rule.holds(), False)))
        )
        for place, rule in enumerate(RULES)
    ]
    rows = db.session.execute(union_all(*parts))
    return [Counted(RULES[place], count, wrong) for place, count, wrong in sorted(tuple(row) for row in rows)]


def _minors_with_pots() -> Select[Any]:
    opened = Pot.actual_opened_at.is_not(None)
    return (
        select(Pot)
        .join(Profile, Profile.user_id == Pot.owner_user_id)
        .where(opened, _is_minor(Pot.actual_opened_at))
    )


def _minors_brought() -> Select[Any]:
    accepted = Referral.accepted_at.is_not(None)
    joined = select(Referral).join(Profile, Profile.user_id == Referral.referred_user_id)
    return joined.where(accepted, _is_minor(Referral.accepted_at))


def _is_minor(moment: Any) -> ColumnElement[bool]:
    day = func.date(func.timezone(str(clock.PLATFORM_ZONE), moment))
    return func.coalesce(Profile.date_of_birth, Profile.stated_birthday) > day - func.make_interval(ADULT_AT)


def _had_guardian(moment: Any) -> ColumnElement[bool]:
    """Whether a guardian had agreed by then: the one of today, or one who has stepped back since, by the trail."""
    agreed_before = exists().where(
        AuditLog.action == "guardian_confirmed",
        AuditLog.resource_type == Profile.__tablename__,
        AuditLog.resource_id == Profile.user_id,
        AuditLog.occurred_at <= moment,
    )
    return or_(func.coalesce(Profile.guardian_confirmed_at <= moment, False), agreed_before)


def _moved(transfer_id: Any) -> ColumnElement[bool]:
    return exists().where(Transfer.id == transfer_id)


def _gift_was_voided() -> ColumnElement[bool]:
    """The money of a held gift was never the pot's: nothing has to move back (reconciliation §6)."""
    return exists().where(
        Donation.id == Refund.donation_id,
        Transfer.id == Donation.transfer_id,
        Transfer.status == TransferStatus.VOIDED,
    )


def _agreed() -> ColumnElement[bool]:
    version = in_force(LegalText.TERMS)
    newest = (
        select(ConsentRecord.granted & (ConsentRecord.text_version == version.number))
        .where(ConsentRecord.user_id == User.id, ConsentRecord.purpose == ConsentPurpose.TERMS)
        .order_by(ConsentRecord.occurred_at.desc(), ConsentRecord.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    asked_since = func.greatest(User.created_at, clock.start_of_day(version.since))
    still_has_days = asked_since > clock.now() - timedelta(days=value_of(TERMS_DAYS))
    return or_(func.coalesce(newest, False), still_has_days)


def _dated_consents() -> ColumnElement[bool]:
    return (func.length(ConsentRecord.text_version) > 0) & (func.length(ConsentRecord.page) > 0)


def _done_in_time() -> ColumnElement[bool]:
    in_time = PrivacyRequest.done_at <= PrivacyRequest.due_at + _A_DAY
    done = (PrivacyRequest.status == RequestStatus.DONE) & in_time
    return or_(done, PrivacyRequest.status == RequestStatus.CANCELED)


RULES: tuple[Rule, ...] = (
    Rule(
        "minor_pots",
        lazy("Minors' pots opened with a guardian's consent"),
        _minors_with_pots,
        lambda: _had_guardian(Pot.actual_opened_at),
        "pots_admin.index",
    ),
    Rule(
        "minor_referrals",
        lazy("Minors' invitations counted after both identities were verified"),
        _minors_brought,
        lambda: Referral.both_ids_collected & _had_guardian(Referral.accepted_at),
        "referrals_admin.index",
    ),
    Rule(
        "papers",
        lazy("Identity papers were verified by somebody other than their holder"),
        lambda: select(IdentityDocument).where(IdentityDocument.status == DocumentStatus.VERIFIED),
        lambda: (
            IdentityDocument.verified_by.is_not(None)
            & (IdentityDocument.verified_by != IdentityDocument.user_id)
        ),
        "people_admin.papers",
    ),
    Rule(
        "gifts",
        lazy("Completed gifts have their payment and their ledger entry"),
        lambda: select(Donation).where(
            Donation.status.in_((DonationStatus.SUCCEEDED, DonationStatus.REFUNDED))
        ),
        lambda: (
            _moved(Donation.transfer_id)
            & exists().where(PaymentTransaction.id == Donation.payment_transaction_id)
        ),
        "pots_admin.donations",
    ),
    Rule(
        "refunds",
        lazy("Completed refunds have their ledger entry, or the held gift's entry was voided"),
        lambda: select(Refund).where(Refund.status == RefundStatus.COMPLETED),
        lambda: or_(_moved(Refund.transfer_id), _gift_was_voided()),
        "payments_admin.refunds",
    ),
    Rule(
        "settlements",
        lazy("Paid settlements were approved by somebody and have their payout"),
        lambda: select(PartnerSettlement).where(PartnerSettlement.status == SettlementStatus.PAID),
        lambda: (
            PartnerSettlement.approved_by.is_not(None)
            & or_(PartnerSettlement.payout_id.is_not(None), PartnerSettlement.payable_minor == 0)
        ),
        "settlements_admin.index",
    ),
    Rule(
        "terms",
        lazy("Account holders have agreed to the terms, or still have days to do so"),
        lambda: select(User).where(User.status == UserStatus.ACTIVE),
        _agreed,
        "admin.users",
    ),
    Rule(
        "consents",
        lazy("Consents name the version of their text and the page they were given on"),
        lambda: select(ConsentRecord),
        _dated_consents,
    ),
    Rule(
        "erasures",
        lazy("Requests for a copy or an erasure were done in time"),
        lambda: select(PrivacyRequest).where(PrivacyRequest.due_at < clock.now() - _A_DAY),
        _done_in_time,
    ),
)
