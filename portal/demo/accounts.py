"""The four people a newcomer signs in as."""

from __future__ import annotations

PASSWORD = "teranga-demo"  # noqa: S105  (printed by bin/serve; the demo world never runs in production)

# audience, who, sign-in, password
DEMO_ACCOUNTS: list[tuple[str, str, str, str]] = [
    ("client", "Awa Ndiaye", "awa@teranga.example", PASSWORD),
    ("sponsor", "Moussa Fall", "moussa@teranga.example", PASSWORD),
    ("partner", "Fatou Sarr", "fatou@teranga.example", PASSWORD),
    ("admin", "Aminata Diop", "admin@teranga.example", PASSWORD),
]
