"""KPIs of LinkedIn. The unit is one invitation, with the messages that follow it.

In the last three rows it is one prospect.
"""

from typing import Final

from streamer.kpis.model import CAMPAIGN_ONLY, EVERY_WINDOW, Kpi, Label, Milestone, Planned, Total

LINKEDIN: Final[tuple[Kpi, ...]] = (
    Kpi(
        article=28,
        id="acceptance",
        channel="linkedin",
        unit="ratio",
        numerator=Milestone("linkedin", "accepted"),
        denominator=Milestone("linkedin", "invited"),
        windows=EVERY_WINDOW,
        formula="invitations accepted ÷ invitations sent",
        label=Label(fr="Taux d'acceptation", en="Acceptance"),
        help=Label(
            fr="Part des invitations envoyées qui ont été acceptées.",
            en="Share of the invitations sent that were accepted.",
        ),
    ),
    Kpi(
        article=29,
        id="reply",
        channel="linkedin",
        unit="ratio",
        numerator=Milestone("linkedin", "replied"),
        denominator=Milestone("linkedin", "accepted"),
        windows=EVERY_WINDOW,
        formula="invitations with a reply ÷ invitations accepted",
        label=Label(fr="Taux de réponse", en="Replies"),
        help=Label(
            fr="Part des invitations acceptées dont le prospect a répondu au mot d'introduction.",
            en="Share of the invitations accepted whose introduction note got a reply.",
        ),
    ),
    Kpi(
        article=30,
        id="negative",
        channel="linkedin",
        unit="ratio",
        numerator=Milestone("linkedin", "negative"),
        denominator=Milestone("linkedin", "accepted"),
        windows=EVERY_WINDOW,
        formula="invitations with a negative reply ÷ invitations accepted",
        label=Label(fr="Taux de réponse négative", en="Negative replies"),
        help=Label(
            fr="Part des invitations acceptées qui ont reçu une réponse négative.",
            en="Share of the invitations accepted that got a negative reply.",
        ),
    ),
    Kpi(
        article=31,
        id="sent_progress",
        channel="linkedin",
        unit="ratio",
        numerator=Milestone("linkedin", "invited"),
        denominator=Planned("linkedin"),
        windows=CAMPAIGN_ONLY,
        formula="invitations sent ÷ invitations planned",
        label=Label(fr="Demandes envoyées / prévues", en="Invitations sent of planned"),
        help=Label(
            fr="Part des invitations prévues au plan qui sont déjà parties. Plus de 100 % : "
            "on a envoyé plus que prévu.",
            en="Share of the planned invitations that have gone out. Above 100%: "
            "more was sent than planned.",
        ),
    ),
    Kpi(
        article=32,
        id="meeting",
        channel="linkedin",
        unit="ratio",
        numerator=Milestone("linkedin", "meeting"),
        denominator=Milestone("linkedin", "read"),
        windows=EVERY_WINDOW,
        formula="invitations that led to a meeting ÷ direct messages read",
        label=Label(fr="Taux de RDV", en="Meetings"),
        help=Label(
            fr="Part des invitations acceptées et dont le message a été lu qui ont mené à un "
            "rendez-vous.",
            en="Share of the invitations accepted, and whose message was read, that led to a "
            "meeting.",
        ),
    ),
    Kpi(
        id="message_read",
        channel="linkedin",
        unit="ratio",
        numerator=Milestone("linkedin", "read"),
        denominator=Milestone("linkedin", "accepted"),
        windows=EVERY_WINDOW,
        formula="direct messages read ÷ invitations accepted",
        label=Label(fr="Taux de messages lus", en="Messages read"),
        help=Label(
            fr="Part des invitations acceptées dont le message a été lu.",
            en="Share of the invitations accepted whose message was read.",
        ),
    ),
    Kpi(
        article=35,
        id="conversion",
        channel="linkedin",
        unit="ratio",
        numerator=Milestone("linkedin", "customer"),
        denominator=Milestone("linkedin", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects invited on LinkedIn that became customers ÷ "
        "prospects invited on LinkedIn",
        label=Label(fr="Taux de conversion par canal", en="Conversion of the channel"),
        help=Label(
            fr="Part des prospects invités sur LinkedIn qui sont devenus clients.",
            en="Share of the prospects invited on LinkedIn that became customers.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity",
        channel="linkedin",
        unit="ratio",
        numerator=Milestone("linkedin", "answered"),
        denominator=Milestone("linkedin", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects who answered on LinkedIn ÷ prospects invited on LinkedIn",
        label=Label(fr="Taux de réactivité", en="Reactivity"),
        help=Label(
            fr="Part des prospects invités sur LinkedIn qui ont répondu ou pris rendez-vous. "
            "Accepter n'est pas répondre.",
            en="Share of the prospects invited on LinkedIn who replied or booked a meeting. "
            "Accepting is not answering.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity_delay",
        channel="linkedin",
        unit="seconds",
        numerator=Total("linkedin", "reactivity_delay"),
        denominator=Milestone("linkedin", "answered"),
        windows=EVERY_WINDOW,
        formula="time from first invitation to first answer ÷ prospects who answered on LinkedIn",
        label=Label(fr="Délai moyen de réaction", en="Mean time to answer"),
        help=Label(
            fr="Temps moyen entre la première invitation et la première réponse, parmi les "
            "prospects qui ont répondu.",
            en="Mean time from the first invitation to the first answer, among the prospects who "
            "answered.",
        ),
    ),
)
