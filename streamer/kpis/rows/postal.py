"""KPIs of letters. The unit is one letter; in the last three rows, one prospect."""

from typing import Final

from streamer.kpis.model import (
    CAMPAIGN_ONLY,
    EVERY_WINDOW,
    Difference,
    Kpi,
    Label,
    Milestone,
    Planned,
    Total,
)

POSTAL: Final[tuple[Kpi, ...]] = (
    Kpi(
        article=1,
        id="sent_progress",
        channel="postal",
        unit="ratio",
        numerator=Milestone("postal", "sent"),
        denominator=Planned("postal"),
        windows=CAMPAIGN_ONLY,
        formula="letters sent ÷ letters planned",
        label=Label(fr="Taux de courriers envoyés", en="Letters sent of planned"),
        help=Label(
            fr="Part des courriers prévus au plan qui sont déjà partis. Plus de 100 % : "
            "on a envoyé plus que prévu.",
            en="Share of the planned letters that have gone out. Above 100%: "
            "more was sent than planned.",
        ),
    ),
    Kpi(
        article=2,
        id="no_response",
        channel="postal",
        unit="ratio",
        numerator=Difference(Milestone("postal", "sent"), Milestone("postal", "replied")),
        denominator=Milestone("postal", "sent"),
        windows=CAMPAIGN_ONLY,
        formula="(letters sent − letters with any response) ÷ letters sent",
        label=Label(fr="Taux sans réponse", en="No response"),
        help=Label(
            fr="Part des courriers envoyés restés sans aucune réponse. Un rendez-vous est une "
            "réponse.",
            en="Share of the letters sent that got no response at all. A meeting is a response.",
        ),
    ),
    Kpi(
        article=3,
        id="negative",
        channel="postal",
        unit="ratio",
        numerator=Milestone("postal", "negative"),
        denominator=Milestone("postal", "sent"),
        windows=EVERY_WINDOW,
        formula="letters with a negative response ÷ letters sent",
        label=Label(fr="Taux de réponse négative", en="Negative responses"),
        help=Label(
            fr="Part des courriers envoyés qui ont reçu une réponse négative.",
            en="Share of the letters sent that got a negative response.",
        ),
    ),
    Kpi(
        article=4,
        id="positive",
        channel="postal",
        unit="ratio",
        numerator=Milestone("postal", "meeting"),
        denominator=Milestone("postal", "sent"),
        windows=EVERY_WINDOW,
        formula="letters that led to a meeting ÷ letters sent",
        label=Label(fr="Taux de réponse positive", en="Positive responses"),
        help=Label(
            fr="Part des courriers envoyés qui ont mené à un rendez-vous.",
            en="Share of the letters sent that led to a meeting.",
        ),
    ),
    Kpi(
        id="returned",
        channel="postal",
        unit="ratio",
        numerator=Milestone("postal", "returned"),
        denominator=Milestone("postal", "sent"),
        windows=EVERY_WINDOW,
        formula="letters returned ÷ letters sent",
        label=Label(fr="Taux de retour (NPAI)", en="Returned letters"),
        help=Label(
            fr="Part des courriers envoyés qui reviennent : le destinataire n'habite pas à "
            "l'adresse indiquée. Un taux élevé dit que le fichier d'adresses est à revoir.",
            en="Share of the letters sent that came back: the addressee does not live there. "
            "A high share says that the list of addresses needs a review.",
        ),
    ),
    Kpi(
        article=35,
        id="conversion",
        channel="postal",
        unit="ratio",
        numerator=Milestone("postal", "customer"),
        denominator=Milestone("postal", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects contacted by letter that became customers ÷ "
        "prospects contacted by letter",
        label=Label(fr="Taux de conversion par canal", en="Conversion of the channel"),
        help=Label(
            fr="Part des prospects contactés par courrier qui sont devenus clients.",
            en="Share of the prospects contacted by letter that became customers.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity",
        channel="postal",
        unit="ratio",
        numerator=Milestone("postal", "answered"),
        denominator=Milestone("postal", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects who answered a letter ÷ prospects contacted by letter",
        label=Label(fr="Taux de réactivité", en="Reactivity"),
        help=Label(
            fr="Part des prospects contactés par courrier qui ont répondu.",
            en="Share of the prospects contacted by letter who answered.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity_delay",
        channel="postal",
        unit="seconds",
        numerator=Total("postal", "reactivity_delay"),
        denominator=Milestone("postal", "answered"),
        windows=EVERY_WINDOW,
        formula="time from first letter to first answer ÷ prospects who answered a letter",
        label=Label(fr="Délai moyen de réaction", en="Mean time to answer"),
        help=Label(
            fr="Temps moyen entre le premier courrier et la première réponse, parmi les "
            "prospects qui ont répondu.",
            en="Mean time from the first letter to the first answer, among the prospects who "
            "answered.",
        ),
    ),
)
