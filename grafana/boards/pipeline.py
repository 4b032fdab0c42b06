"""The page of the pipeline: does all of it run, and where does it stand still?"""

from collections.abc import Iterator
from typing import Final

from grafana import links, variables
from grafana.boards import gateway_parts, worker_parts
from grafana.page import Board, Part
from grafana.panels import Panel, Size, number, yes_or_no
from grafana.pipeline_limits import (
    EVENT_TO_GAUGE_SECONDS,
    LAG_RECORDS,
    NONE,
    ONE_AT_LEAST,
    WAITING_EVENTS,
)
from grafana.queries import increase, quantile

_TILE: Final = Size(3, 4)
_DAY: Final = "24h"
_WORKER: Final = 'job="streamer-worker"'
_GATEWAY: Final = 'job="streamer-gateway"'


def _dead_letters() -> str:
    """What was set aside in a day; no number while the worker or the gateway cannot be asked."""
    worker = increase("streamer_dead_letters_total", span=_DAY)
    gateway = increase("streamer_webhook_events_total", 'outcome="dead_lettered"', span=_DAY)
    # A gateway without sources has no such counter: that, and nothing else, is a zero.
    return f"round(sum({worker}) + (sum({gateway}) or 0 * sum(up{{{_GATEWAY}}} == 1)))"


def _state() -> Iterator[Panel]:
    yield number(
        "Passerelles",
        "Passerelles que Prometheus atteint. À 0, rien n'entre plus.\n\nFormule : somme de up",
        f"sum(up{{{_GATEWAY}}})",
        unit="none",
        limits=ONE_AT_LEAST,
        size=_TILE,
    )
    yield yes_or_no(
        "Kafka accuse réception",
        "Oui quand Kafka accuse réception à toutes les passerelles. Non : elles répondent « plus "
        "tard » aux sources, qui renverront.\n\nFormule : minimum de streamer_gateway_ready",
        "min(streamer_gateway_ready)",
        limits=ONE_AT_LEAST,
        size=_TILE,
    )
    yield number(
        "Workers",
        "Workers que Prometheus atteint. À 0, les chiffres n'avancent plus.\n\nFormule : somme de "
        "up",
        f"sum(up{{{_WORKER}}})",
        unit="none",
        limits=ONE_AT_LEAST,
        size=_TILE,
    )
    yield yes_or_no(
        "Redis répond",
        "Oui quand Redis répond à tous les workers. Non : on compte toujours, mais l'API et le "
        "mur attendent.\n\nFormule : minimum de streamer_redis_up",
        "min(streamer_redis_up)",
        limits=ONE_AT_LEAST,
        size=_TILE,
    )
    yield number(
        "Retard de lecture",
        "Enregistrements de Kafka que les workers n'ont pas encore lus, toutes partitions "
        "ensemble.\n\nFormule : somme de streamer_consumer_lag_records",
        "sum(streamer_consumer_lag_records)",
        unit="locale",
        limits=LAG_RECORDS,
        size=_TILE,
    )
    yield number(
        "De l'arrivée au chiffre",
        "99 % des événements des 5 dernières minutes ont mis moins de temps entre Kafka et les "
        "chiffres. Un tiret : il n'y en a pas eu.\n\nFormule : quantile 0,99 de "
        "streamer_event_to_gauge_seconds",
        quantile(0.99, "streamer_event_to_gauge_seconds", span="5m"),
        unit="s",
        decimals=2,
        limits=EVENT_TO_GAUGE_SECONDS,
        size=_TILE,
    )
    yield number(
        "Lettres mortes, 24 h",
        "Ce qui n'a pas été compris depuis 24 heures, par la passerelle et par le worker : les "
        "chiffres ne l'ont pas encore.\n\nFormule : croissance de streamer_dead_letters_total + "
        "croissance de streamer_webhook_events_total (dead_lettered)",
        _dead_letters(),
        unit="locale",
        limits=NONE,
        size=_TILE,
    ).links([links.of_panel("Que faire ?", links.runbook("dead-letters"))])
    yield number(
        "Événements en attente",
        "Événements qui attendent que leur campagne soit connue.\n\nFormule : somme de "
        "streamer_waiting_events",
        "sum(streamer_waiting_events)",
        unit="locale",
        limits=WAITING_EVENTS,
        size=_TILE,
    )


PIPELINE: Final = Board(
    name="pipeline",
    title="Chaîne de traitement",
    description="Des webhooks aux chiffres : passerelle, Kafka, worker, Redis.",
    variables=(variables.datasource(), variables.sources()),
    parts=(Part("", list(_state())), *gateway_parts.parts(), *worker_parts.parts()),
    since="now-3h",
)
