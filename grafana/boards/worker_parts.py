"""The parts of the pipeline's page that are the worker's: reading, storing, publishing."""

from collections.abc import Iterator
from typing import Final

from grafana.page import Part
from grafana.panels import Panel, Series, Size, curves, number
from grafana.pipeline_limits import (
    CHECKPOINT_SECONDS,
    EVENT_TO_GAUGE_SECONDS,
    LAG_RECORDS,
    WAITING_EVENTS,
)
from grafana.queries import quantile, rate, total

_THIRD: Final = Size(8, 8)
_HALF: Final = Size(12, 8)
_TILE: Final = Size(6, 3)
_QUANTILES: Final = ((0.5, "médiane"), (0.95, "95 %"), (0.99, "99 %"))
_OUTCOME_LEGEND: Final = "{{outcome}}"


def _reading() -> Iterator[Panel]:
    yield curves(
        "Événements lus par seconde",
        "Ce qu'il est advenu des événements lus : comptés (applied), répétés (repeated : ne "
        "changent rien), d'un type inconnu (unknown) ou rejetés (rejected).\n\nFormule : vitesse "
        "de streamer_events_total",
        [Series(total("outcome", rate("streamer_events_total")), _OUTCOME_LEGEND)],
        unit="cps",
        size=_THIRD,
        words={
            "applied": "comptés",
            "repeated": "répétés",
            "unknown": "type inconnu",
            "rejected": "rejetés",
        },
    )
    yield curves(
        "De l'arrivée au chiffre",
        "Temps entre l'arrivée d'un événement dans Kafka et le moment où les chiffres le "
        "montrent.\n\nFormule : quantiles de streamer_event_to_gauge_seconds",
        [Series(quantile(of, "streamer_event_to_gauge_seconds"), word) for of, word in _QUANTILES],
        unit="s",
        size=_THIRD,
        limits=EVENT_TO_GAUGE_SECONDS,
    )
    yield curves(
        "Retard de lecture par partition",
        "Enregistrements de Kafka qui ne sont pas encore lus. Un retard qui ne baisse pas : le "
        "worker est arrêté ou bloqué.\n\nFormule : fin de la partition − position lue",
        [Series("sum by (partition) (streamer_consumer_lag_records)", "partition {{partition}}")],
        unit="locale",
        size=_THIRD,
        limits=LAG_RECORDS,
    )


def _storing() -> Iterator[Panel]:
    yield curves(
        "Durée des points de reprise",
        "Temps qu'il a fallu pour confier à Kafka ce qui a changé ; rien n'est acquitté avant."
        "\n\nFormule : quantiles de streamer_checkpoint_seconds",
        [Series(quantile(of, "streamer_checkpoint_seconds"), word) for of, word in _QUANTILES],
        unit="s",
        size=_THIRD,
        limits=CHECKPOINT_SECONDS,
    )
    yield curves(
        "Octets écrits par les points de reprise",
        "Par seconde et par worker.\n\nFormule : vitesse de streamer_checkpoint_bytes_total",
        [Series(total("instance", rate("streamer_checkpoint_bytes_total")), "{{instance}}")],
        unit="Bps",
        size=_THIRD,
    )
    yield curves(
        "Enregistrements écrits par les points de reprise",
        "Par seconde et par worker.\n\nFormule : vitesse de streamer_checkpoint_records_total",
        [Series(total("instance", rate("streamer_checkpoint_records_total")), "{{instance}}")],
        unit="cps",
        size=_THIRD,
    )
    yield number(
        "Reprises depuis le démarrage",
        "Combien de fois les workers actuels ont reconstruit l'état de leurs partitions : au "
        "démarrage, et à chaque nouveau partage.\n\nFormule : somme de "
        "streamer_recovery_seconds_count",
        "sum(streamer_recovery_seconds_count)",
        unit="locale",
        size=_TILE,
    )
    yield number(
        "Durée moyenne d'une reprise",
        "Temps entre l'attribution des partitions et leur état reconstruit, depuis le démarrage "
        "des workers actuels.\n\nFormule : durée totale des reprises ÷ nombre de reprises",
        "sum(streamer_recovery_seconds_sum) / (sum(streamer_recovery_seconds_count) > 0)",
        unit="s",
        decimals=2,
        size=_TILE,
    )
    yield number(
        "Enregistrements relus par les reprises",
        "Enregistrements d'état que les reprises ont lus, depuis le démarrage des workers "
        "actuels.\n\nFormule : somme de streamer_recovery_records_total",
        "sum(streamer_recovery_records_total)",
        unit="locale",
        size=_TILE,
    )
    yield number(
        "Points de reprise depuis le démarrage",
        "Points de reprise que les workers actuels ont terminés.\n\nFormule : somme de "
        "streamer_checkpoint_seconds_count",
        "sum(streamer_checkpoint_seconds_count)",
        unit="locale",
        size=_TILE,
    )


def _set_aside() -> Iterator[Panel]:
    yield curves(
        "Lettres mortes",
        "Ce qui est authentique et n'a pas été compris, depuis le démarrage de chaque processus : "
        "par le worker, et par la passerelle pour chaque source. Rien n'en est compté ; rien "
        "n'en est perdu.",
        [
            Series("sum(streamer_dead_letters_total)", "worker"),
            Series(
                'sum by (source) (streamer_webhook_events_total{outcome="dead_lettered"})',
                "passerelle : {{source}}",
            ),
        ],
        unit="locale",
        size=_HALF,
    )
    yield curves(
        "Événements en attente d'une campagne",
        "Événements dont la campagne n'est pas encore connue. Ils seront comptés dès qu'elle le "
        "sera.\n\nFormule : somme de streamer_waiting_events",
        [Series("sum(streamer_waiting_events)", "en attente")],
        unit="locale",
        size=_HALF,
        limits=WAITING_EVENTS,
    )


def _publishing() -> Iterator[Panel]:
    yield curves(
        "Écritures vers Redis",
        "Instantanés par seconde : écrits (written), refusés car un plus récent est là (refused), "
        "ou échoués et renvoyés (failed).\n\nFormule : vitesse de streamer_redis_writes_total",
        [Series(total("outcome", rate("streamer_redis_writes_total")), _OUTCOME_LEGEND)],
        unit="cps",
        size=_HALF,
        words={"written": "écrits", "refused": "refusés", "failed": "échoués"},
    )
    yield curves(
        "Redis répond",
        "1 tant que Redis répond au worker. Sans Redis on compte toujours ; l'API et le mur "
        "attendent.",
        [Series("streamer_redis_up", "{{instance}}")],
        unit="none",
        size=_HALF,
    )


def _processes() -> Iterator[Panel]:
    yield curves(
        "Mémoire",
        "Mémoire résidente de chaque worker.",
        [Series('process_resident_memory_bytes{job="streamer-worker"}', "{{instance}}")],
        unit="bytes",
        size=_THIRD,
    )
    yield curves(
        "Processeur",
        "Part d'un cœur que chaque worker occupe ; 100 % est un cœur entier.\n\nFormule : vitesse "
        "de process_cpu_seconds_total",
        [
            Series(
                rate("process_cpu_seconds_total", 'job="streamer-worker"'),
                "{{instance}}",
            )
        ],
        unit="percentunit",
        size=_THIRD,
    )
    yield curves(
        "Fichiers ouverts",
        "Fichiers et connexions que chaque worker tient ouverts.",
        [Series('process_open_fds{job="streamer-worker"}', "{{instance}}")],
        unit="locale",
        size=_THIRD,
    )


def parts() -> Iterator[Part]:
    """The parts, in their order."""
    yield Part("Worker", list(_reading()))
    yield Part("Points de reprise et reprises", list(_storing()))
    yield Part("Mis de côté", list(_set_aside()))
    yield Part("Redis", list(_publishing()))
    yield Part("Processus", list(_processes()))
