"""For whom a request is counted."""

from __future__ import annotations

import pytest

from portal.kernel.limits import network_of


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("196.1.2.3", "196.1.2.3"),
        ("::ffff:196.1.2.3", "196.1.2.3"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff:ffff:ffff:ffff", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        (None, ""),
        ("a socket", "a socket"),
    ],
)
def test_an_ipv6_address_stands_for_its_network(address: str | None, counted: str) -> None:
    assert network_of(address) == counted
