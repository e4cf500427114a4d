"""What the demo world is made of: invented people, houses and offers, in places that exist."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_NAMES = (
    "Awa", "Fatou", "Aminata", "Aïssatou", "Khady", "Ndèye", "Mariama", "Rokhaya", "Sokhna", "Coumba",
    "Astou", "Bineta", "Dieynaba", "Maïmouna", "Oumou", "Penda", "Adama", "Yacine", "Nafissatou", "Ramatoulaye",
    "Moussa", "Mamadou", "Ibrahima", "Cheikh", "Ousmane", "Abdoulaye", "Modou", "Pape", "Alioune", "Babacar",
    "Souleymane", "Lamine", "Serigne", "Assane", "Malick", "Idrissa", "Boubacar", "Samba", "Demba", "Amadou",
)  # fmt: skip
LAST_NAMES = (
    "Ndiaye", "Diop", "Fall", "Sow", "Ba", "Gueye", "Faye", "Sarr", "Diallo", "Cissé", "Mbaye", "Ndour", "Sy",
    "Thiam", "Kane", "Seck", "Diouf", "Niang", "Camara", "Touré", "Sané", "Badji", "Mané", "Sagna", "Wade",
)  # fmt: skip
STORIES = (
    "Cette année, je veux fêter mon anniversaire avec ceux que j'aime. Chaque petit geste compte, merci du fond du cœur !",
    "Un an de plus, et toujours la même envie de partager un bon moment. Aidez-moi à m'offrir une vraie sortie.",
    "Mes amis me demandent toujours ce qui me ferait plaisir : voici la réponse. Jërëjëf à tous !",
    "Après une année de travail, une soirée rien que pour souffler. Merci de la rendre possible.",
    "Je rêve de cette sortie depuis longtemps. Ensemble, on y arrive vite.",
)
WISHES = (
    "Joyeux anniversaire ! Que Dieu te garde.",
    "Bonne fête, profite bien de ta journée.",
    "Déwénati, ma chère amie !",
    "Un petit geste pour une grande personne.",
    "Pour toi, avec toute mon affection.",
    "On fête ça bientôt ensemble !",
    "",
    "",
)
TITLES = (
    "Les {age} ans {of_name}",
    "{name} fête ses {age} ans",
    "Un beau jour pour {name}",
    "L'anniversaire {of_name}",
    "{age} ans, ça se fête !",
    "Offrons une sortie à {name}",
)
BIOS = (
    "Enseignante le jour, cinéphile le soir.",
    "Je vends des fruits au marché et je ris beaucoup.",
    "Étudiant en informatique, toujours partant pour une balade.",
    "Maman de trois enfants et fière de l'être.",
    "Chauffeur de car rapide, je connais toutes les chansons.",
    "J'aime la lutte, le thé et les longues discussions.",
    "Couturière à mon compte. Le wax, c'est ma vie.",
    "Pêcheur de père en fils.",
)
INVITATIONS = (
    "Viens, on fête nos anniversaires autrement cette année !",
    "C'est simple et ça marche avec Wave. Regarde.",
    "Je t'ai trouvé l'endroit idéal pour ta cagnotte.",
    None,
)
BROWSERS = (
    "Mozilla/5.0 (Linux; Android 12; TECNO KG5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile",
    "Mozilla/5.0 (Linux; Android 11; itel A58) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Mobile",
    "Mozilla/5.0 (Linux; Android 13; SM-A045F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
)
HOW_TO_USE = {
    "cinema": "Présentez le code à la caisse avant la séance. Réservation conseillée le week-end.",
    "restaurant": "Réservez par téléphone la veille et montrez le code à votre arrivée.",
    "spa": "Prenez rendez-vous, puis montrez le code à l'accueil.",
    "experience": "Appelez-nous deux jours avant, et venez avec le code.",
}


@dataclass(frozen=True, slots=True)
class House:
    """A partner: its kind, the share it keeps, how often it is paid, and its venues (name, region, town)."""

    name: str
    type: str
    split: str
    terms: str
    description: str
    venues: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A pack of a house: category, price in F CFA, and a lower price if there is one."""

    house: int
    name: str
    category: str
    price: int
    description: str
    reduced: int | None = None
    stock: int | None = None


HOUSES = (
    House("Ciné Baobab", "cinema", "82.50", "weekly", "Deux salles climatisées au cœur de Dakar, films du continent et du monde.", (("Ciné Baobab Plateau", "Dakar", "Dakar"), ("Ciné Baobab Pikine", "Dakar", "Pikine"))),
    House("La Table de Yaye", "restaurant", "85.00", "monthly", "Thiéboudienne, yassa et mafé comme à la maison, servis avec le sourire.", (("La Table de Yaye Almadies", "Dakar", "Dakar"), ("La Table de Yaye Thiès", "Thiès", "Thiès"))),
    House("Hammam Kër Wer", "spa", "80.00", "monthly", "Hammam, gommage au karité et massages, pour elle et pour lui.", (("Kër Wer Mermoz", "Dakar", "Dakar"), ("Kër Wer Saly", "Thiès", "Saly"))),
    House("Pirogue & Lagune", "service", "78.00", "monthly", "Balades en pirogue dans le delta, avec guide et pique-nique.", (("Embarcadère de Foundiougne", "Fatick", "Foundiougne"), ("Embarcadère de Joal", "Thiès", "Joal-Fadiouth"))),
    House("Librairie Sankofa", "retail", "75.00", "quarterly", "Livres, jeux et papeterie, et un café au fond de la boutique.", (("Librairie Sankofa Sicap", "Dakar", "Dakar"),)),
    House("Le Ndar Café", "restaurant", "84.00", "weekly", "Cuisine du fleuve et musique douce au bord du pont.", (("Le Ndar Café", "Saint-Louis", "Saint-Louis"), ("Le Ndar Café Richard-Toll", "Saint-Louis", "Richard-Toll"))),
    House("Ciné Kadiandoumagne", "cinema", "82.00", "monthly", "La salle de quartier de Ziguinchor, rénovée et accueillante.", (("Ciné Kadiandoumagne", "Ziguinchor", "Ziguinchor"),)),
    House("Maison Karité", "spa", "79.50", "monthly", "Soins du visage et des mains aux produits d'ici.", (("Maison Karité Kaolack", "Kaolack", "Kaolack"), ("Maison Karité Diourbel", "Diourbel", "Diourbel"))),
    House("Aventures Dindéfélo", "service", "76.00", "quarterly", "Randonnées jusqu'aux cascades, nuit au campement en option.", (("Campement de Kédougou", "Kédougou", "Kédougou"),)),
    House("Chez Tonton Grillades", "restaurant", "86.00", "weekly", "Dibi, poisson braisé et jus frais, en terrasse.", (("Tonton Tambacounda", "Tambacounda", "Tambacounda"), ("Tonton Kolda", "Kolda", "Kolda"))),
    House("Atelier Téranga Couture", "retail", "77.00", "monthly", "Accessoires et tenues en wax, retouches comprises.", (("Atelier Louga", "Louga", "Louga"), ("Atelier Touba", "Diourbel", "Touba"))),
    House("Bowling du Fleuve", "service", "80.00", "monthly", "Bowling, billard et goûters d'anniversaire.", (("Bowling Matam", "Matam", "Matam"),)),
)  # fmt: skip

OFFERS = (
    Offer(0, "Soirée ciné pour deux", "cinema", 9_000, "Deux places, deux boissons et un grand pop-corn à partager."),
    Offer(0, "Ciné en famille", "cinema", 16_000, "Quatre places et quatre goûters pour la séance de votre choix.", reduced=14_500),
    Offer(0, "Avant-première", "cinema", 12_500, "Une place en loge pour la prochaine avant-première, avec rencontre de l'équipe.", stock=40),
    Offer(1, "Dîner anniversaire", "restaurant", 25_000, "Entrée, plat, dessert et bougies pour deux personnes."),
    Offer(1, "Grand thiéb du dimanche", "restaurant", 18_000, "Un grand bol de thiéboudienne pour quatre, bissap et fruits.", reduced=15_000),
    Offer(2, "Hammam et gommage", "spa", 20_000, "Une heure de hammam, gommage au savon noir et thé à la menthe."),
    Offer(2, "Massage détente", "spa", 30_000, "Soixante minutes de massage au beurre de karité."),
    Offer(2, "Duo bien-être", "spa", 45_000, "Hammam et massage pour deux personnes.", reduced=40_000),
    Offer(3, "Balade en pirogue", "experience", 22_000, "Deux heures dans les bolongs, avec guide et gilets."),
    Offer(3, "Journée dans le delta", "experience", 48_000, "Une journée en pirogue, déjeuner de poisson grillé sur l'île."),
    Offer(4, "Bon lecture", "experience", 10_000, "Deux livres au choix et un café."),
    Offer(4, "Coffret créatif", "experience", 15_000, "Carnet, feutres et un atelier d'écriture d'une heure."),
    Offer(5, "Dîner au bord du fleuve", "restaurant", 24_000, "Menu complet pour deux, table près de l'eau."),
    Offer(5, "Brunch musical", "restaurant", 14_000, "Buffet du samedi et musique en direct, pour une personne."),
    Offer(6, "Ciné de quartier", "cinema", 6_000, "Deux places et deux beignets chauds."),
    Offer(7, "Soin du visage", "spa", 17_500, "Nettoyage, masque et massage du visage."),
    Offer(7, "Mains et pieds", "spa", 12_000, "Soin complet des mains et des pieds.", reduced=10_000),
    Offer(8, "Cascade de Dindéfélo", "experience", 28_000, "Randonnée guidée et déjeuner au pied de la cascade."),
    Offer(8, "Nuit au campement", "experience", 52_000, "Randonnée, dîner et nuit en case pour deux.", stock=25),
    Offer(9, "Dibi entre amis", "restaurant", 20_000, "Deux kilos de dibi, frites et jus pour quatre."),
    Offer(9, "Poisson braisé", "restaurant", 15_000, "Un grand poisson braisé pour deux, aloco et salade."),
    Offer(10, "Sac en wax sur mesure", "experience", 19_000, "Choisissez le tissu, repartez avec votre sac."),
    Offer(10, "Atelier couture", "experience", 13_000, "Deux heures pour apprendre à coudre une trousse."),
    Offer(11, "Bowling à quatre", "experience", 16_000, "Deux parties, chaussures et boissons comprises."),
    Offer(11, "Goûter d'anniversaire", "experience", 35_000, "Bowling, gâteau et jus pour huit enfants.", reduced=32_000),
)  # fmt: skip
