"""The parts of the pipeline's page that are the gateway's: webhooks, answers, what is held."""

from collections.abc import Iterator
from typing import Final

from grafana.page import Part
from grafana.panels import Panel, Series, Size, curves
from grafana.pipeline_limits import ANSWER_SECONDS, NONE
from grafana.queries import RATE, increase, quantile, rate, total
from grafana.tables import Column, Key, columns

_CHOSEN: Final = 'source=~"$source"'
_THIRD: Final = Size(8, 8)
_SPAN: Final = (
    " Sur la période affichée en haut de la page ; Prometheus estime une croissance entre ses "
    "relevés, elle n'est pas un décompte exact."
)
# (what the table calls it, metric, outcome, whether one is too many)
_OUTCOMES: Final = (
    ("Requêtes prises", "streamer_webhook_requests_total", "taken", False),
    ("Refusées", "streamer_webhook_requests_total", "refused", True),
    ("Indisponible", "streamer_webhook_requests_total", "unavailable", True),
    ("Événements pris", "streamer_webhook_events_total", "taken", False),
    ("Ignorés", "streamer_webhook_events_total", "ignored", False),
    ("Lettres mortes", "streamer_webhook_events_total", "dead_lettered", True),
)


def _of_sources() -> Panel:
    return columns(
        "Webhooks par source",
        "Ce que chaque source a envoyé et ce qu'il en est advenu : refusé, la signature ou la "
        "forme est fausse ; indisponible, la source a été priée de renvoyer ; lettre morte, "
        "authentique mais pas comprise, gardée pour plus tard." + _SPAN,
        [Key("source", "Source")],
        [
            Column(
                title,
                f"round({total('source', increase(metric, _CHOSEN, _outcome(outcome)))})",
                "locale",
                NONE if bad else None,
            )
            for title, metric, outcome, bad in _OUTCOMES
        ],
        size=Size(16, 8),
        first="Événements pris",
    )


def _outcome(outcome: str) -> str:
    return f'outcome="{outcome}"'


def _last_events() -> Panel:
    return columns(
        "Dernier événement par source",
        "Âge du dernier événement de chaque source, d'après l'heure que l'événement porte : une "
        "source qui se tait se voit ici.\n\nFormule : heure du dernier événement",
        [Key("source", "Source de l'événement")],
        [
            Column(
                "Dernier", "max by (source) (streamer_last_event_seconds) * 1000", "dateTimeFromNow"
            )
        ],
        size=Size(8, 8),
    )


def _webhooks(metric: str, title: str, description: str) -> Panel:
    return curves(
        title,
        description,
        [Series(total("source, outcome", rate(metric, _CHOSEN)), "{{source}} · {{outcome}}")],
        unit="reqps" if "requests" in metric else "cps",
        size=Size(12, 8),
    )


def _answers() -> Iterator[Panel]:
    yield curves(
        "Temps de réponse",
        "Temps jusqu'à la réponse, l'accusé de réception de Kafka compris : la moitié, 95 % et "
        "99 % des requêtes sont plus rapides.\n\nFormule : quantiles de "
        "streamer_http_request_seconds",
        [
            Series(quantile(of, "streamer_http_request_seconds"), word)
            for of, word in ((0.5, "médiane"), (0.95, "95 %"), (0.99, "99 %"))
        ],
        unit="s",
        size=_THIRD,
        limits=ANSWER_SECONDS,
    )
    yield curves(
        "Temps de réponse par route (95 %)",
        "95 % des requêtes de chaque route sont plus rapides.\n\nFormule : quantile 0,95 de "
        "streamer_http_request_seconds par route",
        [Series(quantile(0.95, "streamer_http_request_seconds", by="route"), "{{route}}")],
        unit="s",
        size=_THIRD,
        limits=ANSWER_SECONDS,
    )
    yield curves(
        "Requêtes par route et par réponse",
        "Requêtes par seconde, avec le code de la réponse.\n\nFormule : vitesse de "
        "streamer_http_requests_total",
        [
            Series(
                total("route, status", rate("streamer_http_requests_total")), "{{route}} {{status}}"
            )
        ],
        unit="reqps",
        size=_THIRD,
    )
    yield curves(
        "Kafka accuse réception",
        "1 tant que Kafka accuse réception de ce que la passerelle lui confie ; à 0 elle répond "
        "« plus tard » aux sources.",
        [Series("streamer_gateway_ready", "{{instance}}")],
        unit="none",
        size=_THIRD,
    )
    yield curves(
        "Octets retenus",
        "Octets de requêtes gardés en mémoire jusqu'à ce que Kafka en accuse réception. Au-delà "
        "de STREAMER_MAX_BUFFERED_BYTES la passerelle répond « plus tard ».",
        [Series("streamer_gateway_held_bytes", "{{instance}}")],
        unit="bytes",
        size=_THIRD,
    )
    yield curves(
        "Événements et prospects déposés",
        "Par seconde : événements pris à /v1/events, et lignes de listes de prospects.\n\n"
        "Formule : vitesse de streamer_posted_events_total et de streamer_listed_prospects_total",
        [
            Series(f"sum(rate(streamer_posted_events_total[{RATE}]))", "événements"),
            Series(f"sum(rate(streamer_listed_prospects_total[{RATE}]))", "prospects"),
        ],
        unit="cps",
        size=_THIRD,
    )


def parts() -> Iterator[Part]:
    """The parts, in their order."""
    yield Part(
        "Webhooks",
        [
            _of_sources(),
            _last_events(),
            _webhooks(
                "streamer_webhook_requests_total",
                "Requêtes de webhooks par source",
                "Par seconde : prises (taken), refusées (refused) ou priées de revenir "
                "(unavailable).\n\nFormule : vitesse de streamer_webhook_requests_total",
            ),
            _webhooks(
                "streamer_webhook_events_total",
                "Événements de webhooks par source",
                "Par seconde : pris (taken), ignorés (ignored) ou mis en lettres mortes "
                "(dead_lettered).\n\nFormule : vitesse de streamer_webhook_events_total",
            ),
        ],
    )
    yield Part("Passerelle", list(_answers()))
