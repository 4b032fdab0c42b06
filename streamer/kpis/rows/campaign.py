"""KPIs of a campaign as a whole. The unit is one prospect, over all channels."""

from typing import Final

from streamer.kpis.model import CAMPAIGN_ONLY, EVERY_WINDOW, Cost, Kpi, Label, Milestone, Total

CAMPAIGN: Final[tuple[Kpi, ...]] = (
    Kpi(
        article=33,
        id="cac",
        channel="all",
        unit="amount",
        numerator=Cost(),
        denominator=Milestone("all", "customer"),
        windows=CAMPAIGN_ONLY,
        formula="total prospecting cost ÷ new customers",
        label=Label(fr="Coût d'acquisition client", en="Customer acquisition cost"),
        help=Label(
            fr="Coût total de la prospection (celui du plan et ceux reçus depuis), divisé par les "
            "nouveaux clients. Les coûts dans une autre devise que celle du plan n'y sont pas.",
            en="Total cost of prospecting (the plan's and those sent since), divided by the new "
            "customers. Costs in another currency than the plan's are left out.",
        ),
    ),
    Kpi(
        id="cost_per_meeting",
        channel="all",
        unit="amount",
        numerator=Cost(),
        denominator=Milestone("all", "meeting"),
        windows=CAMPAIGN_ONLY,
        formula="total prospecting cost ÷ prospects with a meeting",
        label=Label(fr="Coût par RDV", en="Cost per meeting"),
        help=Label(
            fr="Coût total de la prospection, divisé par les prospects qui ont pris rendez-vous.",
            en="Total cost of prospecting, divided by the prospects who booked a meeting.",
        ),
    ),
    Kpi(
        article=34,
        id="lead_conversion",
        channel="all",
        unit="ratio",
        numerator=Milestone("all", "customer"),
        denominator=Milestone("all", "qualified"),
        windows=EVERY_WINDOW,
        formula="qualified leads that became customers ÷ qualified leads",
        label=Label(fr="Taux de conversion des leads", en="Lead conversion"),
        help=Label(
            fr="Part des leads qualifiés qui sont devenus clients.",
            en="Share of the qualified leads that became customers.",
        ),
    ),
    Kpi(
        id="meeting_rate",
        channel="all",
        unit="ratio",
        numerator=Milestone("all", "meeting"),
        denominator=Milestone("all", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects with a meeting ÷ prospects contacted",
        label=Label(fr="Taux de RDV de la campagne", en="Meetings of the campaign"),
        help=Label(
            fr="Prospects ayant pris rendez-vous, rapportés aux prospects contactés. Un "
            "rendez-vous pris sans contact connu compte aussi.",
            en="Prospects who booked a meeting, over the prospects contacted. A meeting without "
            "a known contact counts too.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity",
        channel="all",
        unit="ratio",
        numerator=Milestone("all", "answered"),
        denominator=Milestone("all", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects who answered ÷ prospects contacted",
        label=Label(fr="Taux de réactivité", en="Reactivity"),
        help=Label(
            fr="Part des prospects contactés qui ont répondu, sur l'un ou l'autre canal.",
            en="Share of the prospects contacted who answered, on any channel.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity_delay",
        channel="all",
        unit="seconds",
        numerator=Total("all", "reactivity_delay"),
        denominator=Milestone("all", "answered"),
        windows=EVERY_WINDOW,
        formula="time from first contact to first answer ÷ prospects who answered",
        label=Label(fr="Délai moyen de réaction", en="Mean time to answer"),
        help=Label(
            fr="Temps moyen entre le premier contact et la première réponse, tous canaux "
            "confondus, parmi les prospects qui ont répondu.",
            en="Mean time from the first contact to the first answer, whatever the channels, "
            "among the prospects who answered.",
        ),
    ),
)
