"""KPIs of SMS. The unit is one SMS; in the last three rows, one prospect."""

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

SMS: Final[tuple[Kpi, ...]] = (
    Kpi(
        article=5,
        id="sent_progress",
        channel="sms",
        unit="ratio",
        numerator=Milestone("sms", "sent"),
        denominator=Planned("sms"),
        windows=CAMPAIGN_ONLY,
        formula="SMS sent ÷ SMS planned",
        label=Label(fr="Taux de SMS envoyés", en="SMS sent of planned"),
        help=Label(
            fr="Part des SMS prévus au plan qui sont déjà partis. Plus de 100 % : "
            "on a envoyé plus que prévu.",
            en="Share of the planned SMS that have gone out. Above 100%: "
            "more was sent than planned.",
        ),
    ),
    Kpi(
        article=6,
        id="no_response",
        channel="sms",
        unit="ratio",
        numerator=Difference(Milestone("sms", "delivered"), Milestone("sms", "replied")),
        denominator=Milestone("sms", "delivered"),
        windows=CAMPAIGN_ONLY,
        # The article's formula says letters by a slip: SMS is meant.
        formula="(SMS delivered − SMS with any response) ÷ SMS delivered",
        label=Label(fr="Taux sans réponse", en="No response"),
        help=Label(
            fr="Part des SMS délivrés restés sans aucune réponse. Un STOP et un rendez-vous "
            "sont des réponses.",
            en="Share of the SMS delivered that got no response at all. A STOP and a meeting "
            "are responses.",
        ),
    ),
    Kpi(
        article=7,
        id="deliverability",
        channel="sms",
        unit="ratio",
        numerator=Milestone("sms", "delivered"),
        denominator=Planned("sms"),
        windows=CAMPAIGN_ONLY,
        formula="SMS delivered ÷ SMS planned",
        label=Label(fr="Taux de délivrabilité", en="Deliverability"),
        help=Label(
            fr="Part des SMS prévus au plan qui sont arrivés. Elle monte jusqu'à la fin de la "
            "campagne.",
            en="Share of the planned SMS that arrived. It rises until the campaign ends.",
        ),
    ),
    Kpi(
        article=8,
        id="negative",
        channel="sms",
        unit="ratio",
        numerator=Milestone("sms", "negative"),
        denominator=Milestone("sms", "delivered"),
        windows=EVERY_WINDOW,
        formula="SMS with a negative response ÷ SMS delivered",
        label=Label(fr="Taux de réponse négative", en="Negative responses"),
        help=Label(
            fr="Part des SMS délivrés qui ont reçu une réponse négative, STOP compris.",
            en="Share of the SMS delivered that got a negative response, STOP included.",
        ),
    ),
    Kpi(
        article=9,
        id="positive",
        channel="sms",
        unit="ratio",
        numerator=Milestone("sms", "positive"),
        denominator=Milestone("sms", "delivered"),
        windows=EVERY_WINDOW,
        formula="SMS with a positive response or a meeting ÷ SMS delivered",
        label=Label(fr="Taux de réponse positive", en="Positive responses"),
        help=Label(
            fr="Part des SMS délivrés qui ont reçu une réponse positive ou mené à un rendez-vous.",
            en="Share of the SMS delivered that got a positive response or led to a meeting.",
        ),
    ),
    Kpi(
        id="delivered_of_sent",
        channel="sms",
        unit="ratio",
        numerator=Milestone("sms", "delivered"),
        denominator=Milestone("sms", "sent"),
        windows=EVERY_WINDOW,
        formula="SMS delivered ÷ SMS sent",
        label=Label(fr="Taux de remise", en="Delivered of sent"),
        help=Label(
            fr="Part des SMS envoyés qui sont arrivés. C'est elle qui chute quand un opérateur "
            "bloque l'expéditeur.",
            en="Share of the SMS sent that arrived. It is the one that drops when an operator "
            "blocks the sender.",
        ),
    ),
    Kpi(
        id="opt_out",
        channel="sms",
        unit="ratio",
        numerator=Milestone("sms", "opted_out"),
        denominator=Milestone("sms", "delivered"),
        windows=EVERY_WINDOW,
        formula="SMS answered by STOP ÷ SMS delivered",
        label=Label(fr="Taux de STOP", en="Opt-outs"),
        help=Label(
            fr="Part des SMS délivrés auxquels le prospect a répondu STOP.",
            en="Share of the SMS delivered to which the prospect answered STOP.",
        ),
    ),
    Kpi(
        id="failed",
        channel="sms",
        unit="ratio",
        numerator=Milestone("sms", "failed"),
        denominator=Milestone("sms", "sent"),
        windows=EVERY_WINDOW,
        formula="SMS failed ÷ SMS sent",
        label=Label(fr="Taux d'échec", en="Failures"),
        help=Label(
            fr="Part des SMS envoyés que l'opérateur n'a pas pu remettre.",
            en="Share of the SMS sent that the operator could not deliver.",
        ),
    ),
    Kpi(
        article=35,
        id="conversion",
        channel="sms",
        unit="ratio",
        numerator=Milestone("sms", "customer"),
        denominator=Milestone("sms", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects contacted by SMS that became customers ÷ prospects contacted by SMS",
        label=Label(fr="Taux de conversion par canal", en="Conversion of the channel"),
        help=Label(
            fr="Part des prospects contactés par SMS qui sont devenus clients.",
            en="Share of the prospects contacted by SMS that became customers.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity",
        channel="sms",
        unit="ratio",
        numerator=Milestone("sms", "answered"),
        denominator=Milestone("sms", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects who answered an SMS ÷ prospects contacted by SMS",
        label=Label(fr="Taux de réactivité", en="Reactivity"),
        help=Label(
            fr="Part des prospects contactés par SMS qui ont répondu.",
            en="Share of the prospects contacted by SMS who answered.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity_delay",
        channel="sms",
        unit="seconds",
        numerator=Total("sms", "reactivity_delay"),
        denominator=Milestone("sms", "answered"),
        windows=EVERY_WINDOW,
        formula="time from first SMS to first answer ÷ prospects who answered an SMS",
        label=Label(fr="Délai moyen de réaction", en="Mean time to answer"),
        help=Label(
            fr="Temps moyen entre le premier SMS et la première réponse, parmi les prospects "
            "qui ont répondu.",
            en="Mean time from the first SMS to the first answer, among the prospects who "
            "answered.",
        ),
    ),
)
