"""Settings under free keys: whose row counts, what is sealed, and that no key has two homes."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from portal.config.free_keys import TYPED_TABLES, FreeKey, free_key, home_of, read_setting, write_setting
from portal.config.models import AppSetting, SettingType
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Base
from portal.kernel.errors import Forbidden, NotFound
from tests.harness.house import make_person


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three keys of this test alone."""
    monkeypatch.setattr("portal.config.free_keys.FREE_KEYS", {})
    free_key(FreeKey("tests.sounds", "on", "whether the scanner beeps"))
    free_key(FreeKey("tests.token", None, "a secret of the person", is_encrypted=True))
    free_key(FreeKey("tests.notice", "", "said to all", SettingType.APP, is_system=True))


@pytest.mark.covers("CFG-01", "CFG-02")
def test_the_own_row_counts_before_the_row_for_all_and_that_before_the_default(
    db_session: Session, keys: None
) -> None:
    person, other = make_person(), make_person()
    assert read_setting("tests.sounds", person.id) == "on"
    write_setting("tests.sounds", "soft", user_id=None, by=SYSTEM)
    write_setting("tests.sounds", {"level": 2}, user_id=person.id, by=SYSTEM)

    assert read_setting("tests.sounds", person.id) == {"level": 2}
    assert read_setting("tests.sounds", other.id) == "soft"
    assert read_setting("tests.sounds") == "soft"
    assert set(db_session.scalars(select(AppSetting.setting_type))) == {SettingType.USER}


@pytest.mark.covers("CFG-03")
def test_a_key_has_one_row_a_person_and_one_for_all(db_session: Session, keys: None) -> None:
    person = make_person()
    for value in ("a", "b"):
        write_setting("tests.sounds", value, user_id=person.id, by=SYSTEM)
        write_setting("tests.sounds", value, user_id=None, by=SYSTEM)

    assert db_session.scalars(select(AppSetting.setting_value)).all() == ["b", "b"]


@pytest.mark.covers("CFG-04")
def test_a_secret_is_stored_sealed(db_session: Session, keys: None) -> None:
    person = make_person()
    write_setting("tests.token", "sesame", user_id=person.id, by=SYSTEM)

    row = db_session.scalars(select(AppSetting)).one()
    assert row.is_encrypted
    assert "sesame" not in str(row.setting_value)
    assert read_setting("tests.token", person.id) == "sesame"


@pytest.mark.covers("CFG-05")
def test_a_person_cannot_choose_what_the_house_says(db_session: Session, keys: None) -> None:
    with pytest.raises(Forbidden):
        write_setting("tests.notice", "mine", user_id=make_person().id, by=SYSTEM)
    write_setting("tests.notice", "ours", user_id=None, by=SYSTEM)
    assert read_setting("tests.notice") == "ours"
    assert db_session.scalars(select(AppSetting.is_system)).one()


@pytest.mark.covers("CFG-06")
def test_settings_are_found_by_person_key_and_type(db_session: Session) -> None:
    indexes = inspect(db_session.connection()).get_indexes("app_settings")
    assert {("user_id",), ("setting_key",), ("setting_type",)} <= {
        tuple(index["column_names"]) for index in indexes
    }


@pytest.mark.parametrize(
    ("key", "home"),
    [
        ("theme", "user_preferences"),
        ("share_birthday", "user_privacy"),
        ("whatsapp_enabled", "notification_preferences"),
        ("identity.code_tries", "system_config"),
        ("tests.sounds", "app_settings"),
        ("tests.unknown", None),
    ],
)
def test_each_setting_has_one_home_and_no_key_gets_a_second(keys: None, key: str, home: str | None) -> None:
    assert home_of(key) == home
    if home is None:
        with pytest.raises(NotFound):
            read_setting(key)
        return
    with pytest.raises(ValueError, match=f"lives in {home}"):
        free_key(FreeKey(key, None, "a second home"))


def test_the_tables_that_own_settings_are_there() -> None:
    assert set(TYPED_TABLES) <= set(Base.metadata.tables)
