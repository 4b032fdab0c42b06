"""KPIs of calls. The unit is one call; in the last three rows, one prospect."""

from typing import Final

from streamer.kpis.model import EVERY_WINDOW, KeyQuestions, Kpi, Label, Milestone, Product, Total

PHONE: Final[tuple[Kpi, ...]] = (
    Kpi(
        article=19,
        id="connected",
        channel="phone",
        unit="ratio",
        numerator=Milestone("phone", "connected"),
        denominator=Milestone("phone", "made"),
        windows=EVERY_WINDOW,
        formula="calls connected ÷ calls made",
        label=Label(fr="Taux d'appels « connected »", en="Calls connected"),
        help=Label(
            fr="Part des appels réalisés où le prospect a décroché et parlé.",
            en="Share of the calls made where the prospect picked up and talked.",
        ),
    ),
    Kpi(
        article=20,
        id="callback",
        channel="phone",
        unit="ratio",
        numerator=Milestone("phone", "callback"),
        denominator=Milestone("phone", "connected"),
        windows=EVERY_WINDOW,
        formula="calls with an invitation to call back ÷ calls connected",
        label=Label(fr="Taux d'invitation à reprendre contact", en="Invitations to call back"),
        help=Label(
            fr="Part des appels « connected » où le prospect invite à le rappeler.",
            en="Share of the calls connected where the prospect invites to call back.",
        ),
    ),
    Kpi(
        article=21,
        id="calls_made",
        channel="phone",
        unit="count",
        numerator=Milestone("phone", "made"),
        denominator=None,
        windows=EVERY_WINDOW,
        formula="calls made",
        label=Label(fr="Nombre d'appels réalisés", en="Calls made"),
        help=Label(
            fr="Appels passés, tous commerciaux confondus.",
            en="Calls made by all sales reps together.",
        ),
    ),
    Kpi(
        article=22,
        id="qualification",
        channel="phone",
        unit="ratio",
        numerator=Total("phone", "key_answers"),
        denominator=Product(KeyQuestions(), Milestone("phone", "connected")),
        windows=EVERY_WINDOW,
        formula="key answers obtained ÷ (key questions of the plan × calls connected)",
        label=Label(fr="Niveau de qualification", en="Qualification"),
        help=Label(
            fr="Part des questions clés du plan qui ont reçu une réponse, sur les appels "
            "« connected » : 100 % si chaque appel les obtient toutes.",
            en="Share of the plan's key questions that were answered on connected calls: 100% if "
            "each call gets them all.",
        ),
    ),
    Kpi(
        id="key_answers",
        channel="phone",
        unit="count",
        numerator=Total("phone", "key_answers"),
        denominator=Milestone("phone", "connected"),
        windows=EVERY_WINDOW,
        formula="key answers obtained ÷ calls connected",
        label=Label(fr="Réponses clés par appel", en="Key answers per call"),
        help=Label(
            fr="Nombre moyen de réponses clés obtenues par appel « connected ». Ne demande pas "
            "de plan.",
            en="Mean number of key answers obtained on a connected call. Needs no plan.",
        ),
    ),
    Kpi(
        article=23,
        id="meeting",
        channel="phone",
        unit="ratio",
        numerator=Milestone("phone", "meeting"),
        denominator=Milestone("phone", "connected"),
        windows=EVERY_WINDOW,
        formula="calls that led to a meeting ÷ calls connected",
        label=Label(fr="Taux de RDV", en="Meetings"),
        help=Label(
            fr="Part des appels « connected » qui ont mené à un rendez-vous.",
            en="Share of the calls connected that led to a meeting.",
        ),
    ),
    Kpi(
        article=24,
        id="negative",
        channel="phone",
        unit="ratio",
        numerator=Milestone("phone", "negative"),
        denominator=Milestone("phone", "connected"),
        windows=EVERY_WINDOW,
        formula="calls with a negative answer ÷ calls connected",
        label=Label(fr="Taux de réponse négative", en="Negative answers"),
        help=Label(
            fr="Part des appels « connected » où le prospect a dit non.",
            en="Share of the calls connected where the prospect said no.",
        ),
    ),
    Kpi(
        article=25,
        id="unreached",
        channel="phone",
        unit="ratio",
        # The article repeats the formula of the row before by a slip: its own title is meant.
        numerator=Milestone("phone", "unreached"),
        denominator=Milestone("phone", "made"),
        windows=EVERY_WINDOW,
        formula="calls that reached nobody ÷ calls made",
        label=Label(fr="Taux d'appels sans interlocuteur", en="Calls that reached nobody"),
        help=Label(
            fr="Part des appels réalisés qui n'ont joint personne.",
            en="Share of the calls made that reached nobody.",
        ),
    ),
    Kpi(
        article=26,
        id="off_target",
        channel="phone",
        unit="ratio",
        numerator=Milestone("phone", "off_target"),
        denominator=Milestone("phone", "connected"),
        windows=EVERY_WINDOW,
        formula="calls where the prospect is not the target ÷ calls connected",
        label=Label(fr="Taux « pas dans la cible »", en="Not the target"),
        help=Label(
            fr="Part des appels « connected » où le prospect dit ne pas être concerné.",
            en="Share of the calls connected where the prospect says that they are not the target.",
        ),
    ),
    Kpi(
        article=27,
        id="average_duration",
        channel="phone",
        unit="seconds",
        numerator=Total("phone", "duration"),
        denominator=Milestone("phone", "made"),
        windows=EVERY_WINDOW,
        formula="total duration of calls ÷ calls made",
        label=Label(fr="Durée moyenne des calls", en="Mean duration of calls"),
        help=Label(
            fr="Durée totale des appels, divisée par tous les appels réalisés, aboutis ou non.",
            en="Total duration of the calls, divided by all calls made, whether they reached "
            "somebody or not.",
        ),
    ),
    Kpi(
        article=35,
        id="conversion",
        channel="phone",
        unit="ratio",
        numerator=Milestone("phone", "customer"),
        denominator=Milestone("phone", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects called that became customers ÷ prospects called",
        label=Label(fr="Taux de conversion par canal", en="Conversion of the channel"),
        help=Label(
            fr="Part des prospects appelés qui sont devenus clients.",
            en="Share of the prospects called that became customers.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity",
        channel="phone",
        unit="ratio",
        numerator=Milestone("phone", "answered"),
        denominator=Milestone("phone", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects who answered a call ÷ prospects called",
        label=Label(fr="Taux de réactivité", en="Reactivity"),
        help=Label(
            fr="Part des prospects appelés qui ont décroché et parlé.",
            en="Share of the prospects called who picked up and talked.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity_delay",
        channel="phone",
        unit="seconds",
        numerator=Total("phone", "reactivity_delay"),
        denominator=Milestone("phone", "answered"),
        windows=EVERY_WINDOW,
        formula="time from first call to first conversation ÷ prospects who answered a call",
        label=Label(fr="Délai moyen de réaction", en="Mean time to answer"),
        help=Label(
            fr="Temps moyen entre le premier appel et la première conversation, parmi les "
            "prospects qui ont répondu.",
            en="Mean time from the first call to the first conversation, among the prospects who "
            "answered.",
        ),
    ),
)
