"""Words in versions: the code's, then an operator's, and always whole ones."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.kernel.pages import public_url
from portal.kernel.roles import Role
from portal.notifications import catalog
from portal.notifications.catalog import EMAIL, IN_APP, REGISTRY, Text
from portal.notifications.models import Notification, NotificationDelivery, NotificationTemplate
from portal.notifications.operations import retry_dead, send_sample
from portal.notifications.services import notify
from portal.notifications.templates import new_version, preview, sync_templates
from tests.harness.house import acting, make_admin, make_person
from tests.notifications.conftest import Person

KEY = "operations_alert"


def stored(session: Session, locale: str = "fr-SN") -> NotificationTemplate:
    return session.scalars(
        select(NotificationTemplate).filter_by(template_key=KEY, locale=locale, is_active=True)
    ).one()


@pytest.fixture
def operator(db_session: Session) -> Actor:
    return acting(make_person("Aminata Diop", roles=(Role.USER, Role.ADMIN, Role.SUPER_ADMIN)))


@pytest.mark.covers("NTF-16", "NTF-17", "NTF-18", "NTF-21", "NTF-22")
def test_every_message_is_stored_once_in_every_language(db_session: Session) -> None:
    wanted = sum(len(message.texts) for message in REGISTRY.values())

    assert sync_templates() == wanted
    assert sync_templates() == 0

    assert db_session.scalar(select(func.count()).select_from(NotificationTemplate)) == wanted
    row = stored(db_session)
    assert (row.version, row.is_active, row.channels) == (1, True, ["in_app", "email"])
    assert row.variables == {"subject": "string", "detail": "string"}
    assert row.action_text == "Ouvrir l'administration"


@pytest.mark.covers("NTF-17")
def test_one_version_is_in_force_for_a_key_and_language(db_session: Session) -> None:
    sync_templates()
    row = stored(db_session)

    db_session.add(
        NotificationTemplate(template_key=KEY, name="x", locale=row.locale, version=2, body_text="x")
    )
    with pytest.raises(IntegrityError, match="uq_notification_templates_active"):
        db_session.flush()


@pytest.mark.covers("NTF-25")
def test_edited_words_are_a_new_version_and_are_spoken(db_session: Session, operator: Actor) -> None:
    sync_templates()
    before = stored(db_session)

    made = new_version(
        before.id, Text(subject="Attention : {subject}", body="{detail} !"), (IN_APP,), by=operator
    )
    notify(KEY, event_key="e", data={"subject": "a", "detail": "b"}, email="g@example.org", by=SYSTEM)

    assert (made.version, made.is_active, before.is_active) == (2, True, False)
    note = db_session.scalars(select(Notification)).one()
    assert (note.title, note.message, note.template_id) == ("Attention\u00a0: a", "b\u202f!", made.id)
    assert db_session.scalars(select(NotificationDelivery)).all() == []
    trail = db_session.scalars(select(AuditLog)).one()
    assert (trail.action, trail.new_values) == (
        "notification_template_changed",
        {"version": 2, "template_key": KEY, "locale": "fr-SN"},
    )


@pytest.mark.covers("NTF-20")
def test_words_that_name_what_is_not_given_are_refused(db_session: Session, operator: Actor) -> None:
    sync_templates()
    row = stored(db_session)

    with pytest.raises(InvalidInput, match=r"\{detail\}, \{subject\}"):
        new_version(row.id, Text(subject="x", body="{password}"), (EMAIL,), by=operator)
    with pytest.raises(NotFound):
        new_version(uuid4(), Text(subject="x", body="x"), (EMAIL,), by=operator)

    assert stored(db_session).version == 1


def test_a_version_that_no_longer_fits_the_code_is_not_spoken(db_session: Session) -> None:
    sync_templates()
    stored(db_session).body_text = "{gone}"
    db_session.flush()

    notify(KEY, event_key="e", data={"subject": "a", "detail": "b"}, email="g@example.org", by=SYSTEM)

    assert db_session.scalars(select(Notification.message)).one() == "b"


def test_new_words_of_the_code_replace_the_codes_and_never_an_operators(
    db_session: Session, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_templates()
    edited = new_version(stored(db_session).id, Text(subject="Le mien", body="x"), (EMAIL,), by=operator)
    changed = catalog.MessageTemplate(
        key=KEY,
        category=REGISTRY[KEY].category,
        type=REGISTRY[KEY].type,
        priority=REGISTRY[KEY].priority,
        channels=(EMAIL,),
        variables=REGISTRY[KEY].variables,
        texts={"fr": Text(subject="Neuf", body="x"), "en": Text(subject="New", body="x")},
    )
    monkeypatch.setitem(REGISTRY, KEY, changed)

    assert sync_templates() == 1

    assert stored(db_session).id == edited.id
    assert (stored(db_session, "en").subject, stored(db_session, "en").version) == ("New", 2)


def test_the_html_of_an_operator_is_cleaned_and_what_people_typed_is_escaped(
    db_session: Session, operator: Actor
) -> None:
    sync_templates()
    html = '<p onclick="x()">{detail}</p><script>alert(1)</script>'
    new_version(stored(db_session).id, Text(subject="x", body="{detail}", html=html), (EMAIL,), by=operator)

    notify(KEY, event_key="e", data={"subject": "a", "detail": "<b>"}, email="g@example.org", by=SYSTEM)

    sent = db_session.scalars(select(NotificationDelivery)).one()
    assert sent.body_html == "<p>&lt;b&gt;</p>"


@pytest.mark.covers("NTF-25")
def test_a_preview_and_a_sample_are_filled_with_sample_data(db_session: Session, operator: Actor) -> None:
    sync_templates()
    row = stored(db_session)

    assert preview(row).subject == "À vérifier : [subject]"
    send_sample(row.id, "operator@example.org", by=operator)

    sent = db_session.scalars(select(NotificationDelivery)).one()
    assert (sent.channel, sent.recipient_identifier) == (EMAIL, "operator@example.org")
    assert sent.body == "[detail]"
    with pytest.raises(NotFound):
        send_sample(uuid4(), "operator@example.org", by=operator)


def test_only_a_dead_message_that_is_no_code_can_be_sent_again(
    db_session: Session, operator: Actor, person: Person
) -> None:
    notify(KEY, event_key="e", data={"subject": "a", "detail": "b"}, email="g@example.org", by=SYSTEM)
    notify("sign_in_code", event_key="c", data={"code": "1", "minutes": 1}, phone="+221770000001", by=SYSTEM)
    alert, code = db_session.scalars(select(NotificationDelivery).order_by(NotificationDelivery.id)).all()
    code.is_dead = True
    db_session.flush()

    for delivery in (alert, code):
        with pytest.raises(Conflict):
            retry_dead(delivery.id, by=operator)
    with pytest.raises(NotFound):
        retry_dead(uuid4(), by=operator)


def test_the_command_stores_the_words(committed_db: object, app: Flask) -> None:
    runner = app.test_cli_runner()

    first = runner.invoke(args=["portal", "sync-messages"])
    second = runner.invoke(args=["portal", "sync-messages"])

    assert (first.exit_code, second.output) == (0, "0 versions written.\n")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("body", "Prouvez-le sur https://wave-sn.example/x"),
        ("subject", "www.wave-sn.example"),
        ("sms", "//wave-sn.example"),
        ("action", "javascript://wave-sn.example"),
        ("html", '<a href="https://wave-sn.example">ici</a>'),
        ("html", '<img src="//wave-sn.example/p.gif">'),
    ],
)
def test_words_that_lead_elsewhere_are_refused(
    db_session: Session, operator: Actor, part: str, words: str
) -> None:
    sync_templates()
    text = Text(**({"subject": "x", "body": "x"} | {part: words}))

    with pytest.raises(InvalidInput, match="portal only"):
        new_version(stored(db_session).id, text, (EMAIL,), by=operator)


def test_links_to_the_portal_and_placeholders_stay_and_pictures_go(
    db_session: Session, operator: Actor
) -> None:
    sync_templates()
    home = public_url("/pots")
    html = f'<p><a href="{home}">1</a><a href="/pots">2</a><a href="evil.example">3</a><img src="/x.png"></p>'

    made = new_version(stored(db_session).id, Text(subject="x", body=home, html=html), (EMAIL,), by=operator)

    assert made.body_html is not None
    assert f'href="{home}"' in made.body_html
    assert 'href="/pots"' in made.body_html
    assert "evil.example" not in made.body_html
    assert "img" not in made.body_html


def test_words_on_the_safety_of_accounts_are_for_super_admins(db_session: Session, operator: Actor) -> None:
    chief, support = operator, acting(make_admin())
    sync_templates()
    row = db_session.scalars(
        select(NotificationTemplate).where(
            NotificationTemplate.template_key == "password_changed", NotificationTemplate.locale == "fr-SN"
        )
    ).one()
    words = Text(subject="Votre mot de passe a changé", body="Si ce n'était pas vous, écrivez-nous.")

    with pytest.raises(Forbidden):
        new_version(row.id, words, (EMAIL,), by=support)

    assert new_version(row.id, words, (EMAIL,), by=chief).version == 2
