"""Where a person or a partner is paid: saved Wave numbers, encrypted, one of them in force (R-47, PAY-29).

A number and its holder's name never change in a row: a payout that is asked for again sends what its own row
says, byte for byte, whatever its owner has chosen since (Wave contract §4). Whoever last changed the destination
in force stands in its row, so that nobody approves a payout to a place they have just chosen (four eyes).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from portal.audit.services import record
from portal.gateways.wave import WaveRefused
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, transaction
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.jobs import follow_up
from portal.kernel.phones import masked, to_e164
from portal.kernel.sealing import seal, unseal
from portal.payments.models import MethodUse, PaymentMethod, PayoutMethod
from portal.payments.provider import wave

VERIFY_JOB = "payments.verify_destination"
REFUSED = "REFUSED"
NOT_SAID = "NOT_SAID"
_HOME = "+221"


def save_wave_destination(
    *,
    phone: str,
    holder_name: str,
    partner_id: UUID | None = None,
    user_id: UUID | None = None,
    by: Actor,
) -> PaymentMethod:
    """Save a Wave number as the one its owner is paid to from now on, and have its holder checked.

    Exactly one of `partner_id` and `user_id` names the owner. The same number and holder as now in force
    change nothing; as saved earlier, they are taken into force again; else there is a new row. Raises
    `InvalidInput` for a number that Wave in Senegal cannot pay.
    """
    if (partner_id is None) == (user_id is None):
        raise ValueError("a destination belongs to a partner or to a person")
    number = to_e164(phone)
    if not number.startswith(_HOME):
        raise InvalidInput(_("Wave pays to Senegalese numbers only. Example: 77 123 45 67."), field="phone")
    saved = _locked_destinations(partner_id, user_id)
    of_number = [one for one in saved if destination_phone(one) == number]
    method = next((one for one in of_number if one.holder_name == holder_name), None)
    if method is not None and method.is_default:
        return method
    for other in of_number:
        other.is_active = other is method
    if method is None:
        method = _new_destination(number, holder_name, partner_id, user_id)
    _put_in_force(method, saved, by)
    _verify_soon(method)
    record(
        "destination_saved",
        ("payment_methods", method.id),
        by=by,
        # A house is named; of a person the trail keeps no name, because it can never forget one (PRV-02).
        new={"label": method.label, "holder_name": holder_name if partner_id is not None else None},
    )
    return method


def destination_phone(method: PaymentMethod) -> str:
    """The number in E.164 form. Raises `Undecryptable` when the row was altered or the key is gone."""
    return unseal(PaymentMethod.token_encrypted, method.id, method.token_encrypted)


def verify_destination(method_id: UUID) -> None:
    """Ask Wave whether the number belongs to the holder named, and keep the answer. Commits.

    Wave's comparison is fuzzy: MATCH is a hint for people, and nothing is paid or held because of it.
    """
    with transaction():
        method = db.session.get(PaymentMethod, method_id)
        if method is None or not method.is_active:
            return
        number, holder = destination_phone(method), method.holder_name
    try:
        answer = wave().verify_recipient(number, name=holder)
        verdict = answer.name_match.value if answer.name_match else NOT_SAID
    except WaveRefused as refusal:
        if refusal.is_about_access:
            raise
        verdict = REFUSED
    with transaction():
        method = db.session.get_one(PaymentMethod, method_id, with_for_update=True)
        method.verification, method.verified_at = verdict, clock.now()


def destination_in_force(
    *, partner_id: UUID | None = None, user_id: UUID | None = None
) -> PaymentMethod | None:
    """The number the owner is paid to now, if there is one."""
    return db.session.execute(
        select(PaymentMethod).where(_owned(partner_id, user_id), PaymentMethod.is_default)
    ).scalar_one_or_none()


def _new_destination(
    number: str, holder_name: str, partner_id: UUID | None, user_id: UUID | None
) -> PaymentMethod:
    method_id = new_id()
    method = PaymentMethod(
        id=method_id,
        partner_id=partner_id,
        user_id=user_id,
        use=MethodUse.RECEIVE,
        method=PayoutMethod.WAVE,
        token_encrypted=seal(PaymentMethod.token_encrypted, method_id, number),
        label=f"Wave {masked(number)}",
        holder_name=holder_name,
        is_default=False,
        is_active=True,
    )
    db.session.add(method)
    return method


def _put_in_force(method: PaymentMethod, saved: list[PaymentMethod], by: Actor) -> None:
    """One destination in force for each owner: the others step back before this one steps forward."""
    for other in saved:
        other.is_default = False
    db.session.flush()
    method.is_default = True
    method.changed_by, method.changed_at = by.user_id, clock.now()
    db.session.flush()


def _verify_soon(method: PaymentMethod) -> None:
    follow_up(
        VERIFY_JOB,
        dedupe_key=f"verify:{method.id}:{method.changed_at}",
        payload={"method_id": str(method.id)},
        entity=("payment_methods", method.id),
    )


def _locked_destinations(partner_id: UUID | None, user_id: UUID | None) -> list[PaymentMethod]:
    return list(
        db.session.execute(
            select(PaymentMethod)
            .where(_owned(partner_id, user_id))
            .order_by(PaymentMethod.id)
            .with_for_update()
        ).scalars()
    )


def _owned(partner_id: UUID | None, user_id: UUID | None) -> ColumnElement[bool]:
    owner = PaymentMethod.partner_id == partner_id if partner_id else PaymentMethod.user_id == user_id
    return and_(owner, PaymentMethod.use == MethodUse.RECEIVE, PaymentMethod.is_active)
