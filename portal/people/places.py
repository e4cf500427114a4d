"""The main towns of each region of Senegal: offered where a person says where they live (PPL-23)."""

from __future__ import annotations

from portal.kernel.places import REGIONS

TOWNS: dict[str, tuple[str, ...]] = {
    "Dakar": (
        "Dakar",
        "Pikine",
        "Guédiawaye",
        "Rufisque",
        "Keur Massar",
        "Bargny",
        "Diamniadio",
        "Sébikotane",
    ),
    "Diourbel": ("Diourbel", "Touba", "Mbacké", "Bambey"),
    "Fatick": ("Fatick", "Foundiougne", "Gossas", "Sokone", "Passy", "Diofior"),
    "Kaffrine": ("Kaffrine", "Koungheul", "Malem Hodar", "Birkelane"),
    "Kaolack": ("Kaolack", "Nioro du Rip", "Guinguinéo", "Gandiaye", "Kahone"),
    "Kédougou": ("Kédougou", "Saraya", "Salémata"),
    "Kolda": ("Kolda", "Vélingara", "Médina Yoro Foulah", "Dabo", "Diaobé-Kabendou"),
    "Louga": ("Louga", "Linguère", "Kébémer", "Dahra", "Guéoul"),
    "Matam": ("Matam", "Ourossogui", "Kanel", "Ranérou", "Thilogne", "Waoundé"),
    "Saint-Louis": ("Saint-Louis", "Richard-Toll", "Dagana", "Podor", "Ndioum", "Rosso", "Mpal"),
    "Sédhiou": ("Sédhiou", "Goudomp", "Bounkiling", "Marsassoum", "Tanaff"),
    "Tambacounda": ("Tambacounda", "Bakel", "Goudiry", "Koumpentoum", "Kidira"),
    "Thiès": ("Thiès", "Mbour", "Tivaouane", "Saly", "Joal-Fadiouth", "Khombole", "Kayar", "Nguékhokh"),
    "Ziguinchor": ("Ziguinchor", "Bignona", "Oussouye", "Diouloulou", "Thionck Essyl"),
}


def all_towns() -> list[str]:
    """Every town above once, region by region."""
    return [town for region in REGIONS for town in TOWNS[region]]
