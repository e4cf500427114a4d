"""What happens to a person twice at the same moment happens once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.kernel.db import in_transaction
from portal.ledger.accounts import user_points
from portal.ledger.queries import balance, disagreements
from portal.people.completion import COMPLETE, refresh_completion
from portal.people.models import ProfileCompletion, UserLocation
from portal.people.services import save_portrait
from tests.badinput.pictures import photo
from tests.harness.house import acting
from tests.harness.together import at_once
from tests.identity.doorway import PHONE, open_account


@pytest.mark.covers("PPL-36")
def test_a_profile_that_is_finished_eight_times_at_once_is_rewarded_once(
    app: Flask, committed_db: Session
) -> None:
    user = open_account("Moussa Sarr", email=None, phone=PHONE, born=date(1990, 3, 15))
    save_portrait(user.id, photo(), by=acting(user))
    committed_db.add(UserLocation(user_id=user.id, region="Dakar"))
    committed_db.commit()
    user_id: UUID = user.id

    at_once(app, [lambda: in_transaction(lambda: refresh_completion(user_id))] * 8)

    committed_db.expire_all()
    assert balance(user_points(user_id)).posted == 20
    assert disagreements() == []
    assert committed_db.get_one(ProfileCompletion, user_id).badges == [COMPLETE]
