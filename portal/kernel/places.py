"""The regions and departments of Senegal, as the state names them: where people live, give and are served."""

from __future__ import annotations

REGIONS = (
    "Dakar",
    "Diourbel",
    "Fatick",
    "Kaffrine",
    "Kaolack",
    "Kédougou",
    "Kolda",
    "Louga",
    "Matam",
    "Saint-Louis",
    "Sédhiou",
    "Tambacounda",
    "Thiès",
    "Ziguinchor",
)

# The 46 departments by region (the last, Keur Massar, is of 2021).
DEPARTMENTS: dict[str, tuple[str, ...]] = {
    "Dakar": ("Dakar", "Guédiawaye", "Keur Massar", "Pikine", "Rufisque"),
    "Diourbel": ("Bambey", "Diourbel", "Mbacké"),
    "Fatick": ("Fatick", "Foundiougne", "Gossas"),
    "Kaffrine": ("Birkelane", "Kaffrine", "Koungheul", "Malem Hodar"),
    "Kaolack": ("Guinguinéo", "Kaolack", "Nioro du Rip"),
    "Kédougou": ("Kédougou", "Salémata", "Saraya"),
    "Kolda": ("Kolda", "Médina Yoro Foulah", "Vélingara"),
    "Louga": ("Kébémer", "Linguère", "Louga"),
    "Matam": ("Kanel", "Matam", "Ranérou"),
    "Saint-Louis": ("Dagana", "Podor", "Saint-Louis"),
    "Sédhiou": ("Bounkiling", "Goudomp", "Sédhiou"),
    "Tambacounda": ("Bakel", "Goudiry", "Koumpentoum", "Tambacounda"),
    "Thiès": ("Mbour", "Thiès", "Tivaouane"),
    "Ziguinchor": ("Bignona", "Oussouye", "Ziguinchor"),
}
REGION_OF = {department: region for region, inside in DEPARTMENTS.items() for department in inside}

# Where each region's capital lies: near enough for matching, too coarse to find anybody by.
CENTRES: dict[str, tuple[str, str]] = {
    "Dakar": ("14.69", "-17.45"),
    "Diourbel": ("14.65", "-16.23"),
    "Fatick": ("14.34", "-16.41"),
    "Kaffrine": ("14.11", "-15.55"),
    "Kaolack": ("14.15", "-16.08"),
    "Kédougou": ("12.56", "-12.18"),
    "Kolda": ("12.88", "-14.95"),
    "Louga": ("15.62", "-16.22"),
    "Matam": ("15.66", "-13.26"),
    "Saint-Louis": ("16.03", "-16.50"),
    "Sédhiou": ("12.71", "-15.56"),
    "Tambacounda": ("13.77", "-13.67"),
    "Thiès": ("14.79", "-16.93"),
    "Ziguinchor": ("12.58", "-16.27"),
}
