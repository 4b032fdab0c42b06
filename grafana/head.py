"""What to know before reading any number of a campaign: the first line of its pages.

Owns that line. It is the same everywhere, so that the eye finds it.
"""

from collections.abc import Iterator

from grafana import links
from grafana.panels import SMALL_TILE, Panel, Size, amount, name, number
from grafana.pipeline_limits import AGE_SECONDS, DRIFT, NONE
from grafana.queries import ONE, newest, total


def head() -> Iterator[Panel]:
    """The line of tiles, as wide as the page."""
    yield name(
        "Campagne suivie",
        "Nom que le plan donne à la campagne ; vide si le plan n'en donne pas.",
        newest("prospecting_campaign_info"),
        "{{name}}",
        size=Size(6, 3),
    )
    yield number(
        "Âge des chiffres",
        "Temps écoulé depuis le moment auquel les fenêtres ont été calculées. Elles le sont à "
        "chaque événement et au moins chaque minute : plus de deux minutes, c'est que le calcul "
        "ou la collecte est arrêté.\n\nFormule : maintenant − moment du calcul",
        f"time() - ({newest('prospecting_as_of_seconds')})",
        unit="s",
        limits=AGE_SECONDS,
        size=SMALL_TILE,
    )
    yield number(
        "Alertes actives",
        "Alertes de cette campagne qui sont actives en ce moment : cliquez pour voir lesquelles "
        "et que faire.",
        f'count(ALERTS{{{ONE},alertstate="firing"}})'
        f" or 0 * count({newest('prospecting_campaign_info')})",
        unit="none",
        limits=NONE,
        size=SMALL_TILE,
    ).links([links.of_panel("Alertes", links.of_campaign("alerts"))])
    yield number(
        "Dérive la plus forte",
        "Le plus haut des niveaux de dérive de la campagne : à quel point les derniers envois "
        "parlent pour une dégradation, de 0 à 1 ; à partir de 1 elle est tenue pour certaine.",
        f"max by (campaign) ({newest('prospecting_drift')})",
        unit="percentunit",
        decimals=0,
        limits=DRIFT,
        size=SMALL_TILE,
    ).links([links.of_panel("Dérives", links.of_campaign("alerts"))])
    yield number(
        "Données incomplètes",
        "1 quand un enregistrement illisible de cette campagne a été mis de côté : ses chiffres "
        "peuvent alors être trop bas. Un tiret : rien ne manque.",
        newest("prospecting_incomplete"),
        unit="none",
        limits=NONE,
        size=SMALL_TILE,
    )
    yield number(
        "Retours sans touche",
        "Réponses, désinscriptions et rendez-vous que l'on n'a pas pu rattacher à un envoi. Ils "
        "le seront dès que l'envoi sera connu. Un tiret : tout est rattaché.",
        total("campaign", newest("prospecting_unattributed")),
        unit="locale",
        size=SMALL_TILE,
    )
    yield amount(
        "Coûts laissés de côté",
        "Coûts dans une autre devise que celle du plan : ils ne sont ni convertis ni comptés. Un "
        "tiret : il n'y en a pas.",
        newest("prospecting_cost_left_out"),
        size=SMALL_TILE,
    )
