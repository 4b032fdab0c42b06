"""What the wall's pages know of the catalogue: words, formulas, limits, and what feeds each KPI.

One JSON document, the same for every campaign. Pure; it holds no numbers of any campaign.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from streamer.exposition.fact_words import type_of
from streamer.exposition.facts import ENOUGH, FEEDERS
from streamer.kpis import model
from streamer.kpis.catalogue import CATALOGUE, REP_ROWS
from streamer.kpis.limits import LIMITS, MINIMUM_SENT
from streamer.kpis.model import Kpi, Label
from streamer.kpis.words import CHANNEL_LABELS, FUNNELS, PHRASES, formula_fr

Place = tuple[str, str]

# What a sum is taken over.
TOTALS: Final[Mapping[str, str]] = {
    "duration": "made",
    "key_answers": "connected",
    "reactivity_delay": "answered",
}

_DAY: Final = 86_400
# How long a source may say nothing before its tiles turn grey, by what its events are about: what
# runs every working day must be heard of in a day, letters go out in batches, and meetings or deals
# come when they come. The first word of a type; what is not listed never falls silent.
SILENT_AFTER: Final[Mapping[str, int]] = {
    "email": _DAY,
    "linkedin": _DAY,
    "phone": _DAY,
    "sms": _DAY,
    "postal": 3 * _DAY,
    "meeting": 7 * _DAY,
    "lead": 7 * _DAY,
    "customer": 7 * _DAY,
}
# A connected source that has been silent for longer is taken for one that has done its part: what
# is shown beside it lives on by the others.
_GIVEN_UP_AFTER: Final = 7 * _DAY


def facts() -> bytes:
    """The document."""
    return msgspec.json.encode(
        {
            "channels": {name: _words(label) for name, label in CHANNEL_LABELS.items()},
            "phrases": {".".join(place): _words(label) for place, label in PHRASES.items()},
            "funnels": {
                channel: [
                    {"milestone": name, "label": _words(label)} for name, label in own.items()
                ]
                for channel, own in FUNNELS.items()
            },
            "feeders": {".".join(at): _feeding(at) for at in FEEDERS if at[1] not in TOTALS},
            "lives": {".".join(at): _living(at) for at in FEEDERS if at[1] not in TOTALS},
            "kpis": {f"{kpi.channel}.{kpi.id}": _kpi(kpi) for kpi in CATALOGUE},
            "reps": [{"id": row.id, "label": _words(row.label)} for row in REP_ROWS],
            "minimum": MINIMUM_SENT,
            "silent_after": SILENT_AFTER,
            "given_up_after": _GIVEN_UP_AFTER,
        }
    )


def _kpi(kpi: Kpi) -> dict[str, Any]:
    places = list(dict.fromkeys((*_places(kpi.numerator), *_places(kpi.denominator))))
    return {
        "help": _words(kpi.help),
        "formula": {"fr": formula_fr(kpi), "en": kpi.formula},
        "milestones": places,
        "series": _series(kpi),
        "feeds": [_feeding(place) for place in places],
        "proportion": _is_proportion(kpi),
        "limits": _limits(kpi),
    }


def _feeding(place: Place) -> list[str]:
    """The types that can tell a milestone.

    A meeting proves that its mail was delivered, say; but that meetings come does not tell that
    the mailer still speaks, so a channel's own types are the ones that count.
    """
    return _own(place, {type_of(fact) for fact in FEEDERS[place]})


def _living(place: Place) -> list[str]:
    """The types by which a milestone stays up to date: those that tell it of every touch.

    A reply proves that its mail was sent, but whoever reads replies does not send the mails.
    """
    return _own(place, {type_of(fact) for facts in ENOUGH[place] for fact in facts})


def _own(place: Place, types: set[str]) -> list[str]:
    channel, _ = place
    found = sorted(types)
    return [name for name in found if name.startswith(f"{channel}.")] or found


def _words(label: Label) -> dict[str, str]:
    return {"fr": label.fr, "en": label.en}


def _places(term: object) -> Iterator[Place]:
    """The milestones that a term is counted by."""
    match term:
        case model.Milestone(channel, name):
            yield channel, name
        case model.Total(channel, name):
            yield channel, TOTALS[name]
        case model.Difference(a, b) | model.Product(a, b):
            yield from _places(a)
            yield from _places(b)


def _series(kpi: Kpi) -> Place:
    """The milestone whose history stands beside the value: what makes the KPI move."""
    if isinstance(kpi.numerator, model.Difference):
        return kpi.numerator.part.channel, kpi.numerator.part.name
    above, below = list(_places(kpi.numerator)), list(_places(kpi.denominator))
    return (above or below)[0]


def _is_proportion(kpi: Kpi) -> bool:
    """Whether it is so many of so many, so that its small samples have an interval."""
    return (
        kpi.unit == "ratio"
        and isinstance(kpi.numerator, model.Milestone | model.Difference)
        and isinstance(kpi.denominator, model.Milestone)
    )


def _limits(kpi: Kpi) -> dict[str, Any] | None:
    limits = LIMITS.get((kpi.channel, kpi.id))
    if limits is None:
        return None
    return {**limits._asdict(), "source": limits.source and _words(limits.source)}
