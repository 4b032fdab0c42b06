"""Every milestone has a name in both languages, and every formula is told in both."""

import pytest

from streamer.kpis.catalogue import CATALOGUE, MILESTONES
from streamer.kpis.model import Kpi, Label
from streamer.kpis.words import CHANNEL_LABELS, FUNNELS, PHRASES, formula_fr


def test_every_milestone_has_words() -> None:
    expected = {(channel, name) for channel, own in MILESTONES.items() for name in own}
    assert set(PHRASES) == expected
    assert set(CHANNEL_LABELS) == set(MILESTONES)
    for label in (*PHRASES.values(), *CHANNEL_LABELS.values()):
        assert all(isinstance(text, str) and text for text in label)
        assert isinstance(label, Label)


def test_no_two_milestones_of_a_channel_are_called_alike() -> None:
    for language in (0, 1):
        for channel in MILESTONES:
            words = [label[language] for place, label in PHRASES.items() if place[0] == channel]
            assert len(set(words)) == len(words)


def test_funnels_go_through_milestones() -> None:
    assert set(FUNNELS) == set(MILESTONES) - {"all"}
    for channel, own in FUNNELS.items():
        assert set(own) <= set(MILESTONES[channel])  # type: ignore[index]


@pytest.mark.parametrize(
    ("channel", "kpi", "formula"),
    [
        ("email", "open", "mails ouverts ÷ mails délivrés"),
        (
            "postal",
            "no_response",
            "(courriers envoyés − courriers ayant reçu une réponse) ÷ courriers envoyés",
        ),
        (
            "phone",
            "qualification",
            "réponses clés obtenues ÷ (questions clés du plan × appels décrochés)",
        ),
        ("phone", "calls_made", "appels passés"),
        ("sms", "deliverability", "SMS délivrés ÷ SMS prévus"),
        ("all", "cac", "coût total de la prospection ÷ nouveaux clients"),
    ],
)
def test_formulas_are_told_in_french(channel: str, kpi: str, formula: str) -> None:
    row: Kpi = next(row for row in CATALOGUE if (row.channel, row.id) == (channel, kpi))
    assert formula_fr(row) == formula
