"""The portal's settings make the real clients, and nothing else."""

from __future__ import annotations

from portal import gateways
from portal.gateways.mail import SmtpMail
from portal.gateways.sms import TwilioSms
from portal.gateways.wave import WaveClient
from portal.kernel.settings import load

STORES = {"DATABASE_URL": "postgresql://here/portal", "REDIS_URL": "redis://here"}


def test_the_clients_go_where_the_settings_say() -> None:
    settings = load(STORES | {"WAVE_API_URL": "http://127.0.0.1:9/", "SMS_API_URL": "http://127.0.0.1:8"})
    wave, sms, mail = gateways.wave(settings), gateways.sms(settings), gateways.mail(settings)
    assert isinstance(wave, WaveClient)
    assert wave._base_url == "http://127.0.0.1:9"
    assert isinstance(sms, TwilioSms)
    assert sms._url.startswith("http://127.0.0.1:8/2010-04-01/Accounts/AC")
    assert isinstance(mail, SmtpMail)


def test_unless_told_otherwise_they_go_to_the_real_providers() -> None:
    settings = load(STORES)
    assert settings.wave_api_url == "https://api.wave.com"
    assert settings.sms_api_url == "https://api.twilio.com"
