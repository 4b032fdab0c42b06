"""KPIs of mails. The unit is one mail; in the last three rows, one prospect."""

from typing import Final

from streamer.kpis.model import CAMPAIGN_ONLY, EVERY_WINDOW, Kpi, Label, Milestone, Planned, Total

EMAIL: Final[tuple[Kpi, ...]] = (
    Kpi(
        id="sent_progress",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "sent"),
        denominator=Planned("email"),
        windows=CAMPAIGN_ONLY,
        formula="mails sent ÷ mails planned",
        label=Label(fr="Taux de mails envoyés", en="Mails sent of planned"),
        help=Label(
            fr="Part des mails prévus au plan qui sont déjà partis. Plus de 100 % : "
            "on a envoyé plus que prévu.",
            en="Share of the planned mails that have gone out. Above 100%: "
            "more was sent than planned.",
        ),
    ),
    Kpi(
        article=10,
        id="deliverability",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "delivered"),
        denominator=Planned("email"),
        windows=CAMPAIGN_ONLY,
        formula="mails delivered ÷ mails planned",
        label=Label(fr="Taux de délivrabilité", en="Deliverability"),
        help=Label(
            fr="Part des mails prévus au plan qui sont arrivés. Elle monte jusqu'à la fin de la "
            "campagne.",
            en="Share of the planned mails that arrived. It rises until the campaign ends.",
        ),
    ),
    Kpi(
        id="delivered_of_sent",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "delivered"),
        denominator=Milestone("email", "sent"),
        windows=EVERY_WINDOW,
        formula="mails delivered ÷ mails sent",
        label=Label(fr="Taux de remise", en="Delivered of sent"),
        help=Label(
            fr="Part des mails envoyés qui sont arrivés. C'est elle qui chute quand une "
            "messagerie bloque l'expéditeur.",
            en="Share of the mails sent that arrived. It is the one that drops when a mailbox "
            "provider blocks the sender.",
        ),
    ),
    Kpi(
        article=11,
        id="open",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "opened"),
        denominator=Milestone("email", "delivered"),
        windows=EVERY_WINDOW,
        formula="mails opened ÷ mails delivered",
        label=Label(fr="Taux d'ouverture", en="Opens"),
        help=Label(
            fr="Part des mails délivrés ouverts au moins une fois. Un mail ouvert dix fois "
            "compte une fois.",
            en="Share of the mails delivered that were opened at least once. A mail opened ten "
            "times counts once.",
        ),
    ),
    Kpi(
        article=12,
        id="click",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "clicked"),
        denominator=Milestone("email", "opened"),
        windows=EVERY_WINDOW,
        formula="mails clicked ÷ mails opened",
        label=Label(fr="Taux de clic", en="Clicks"),
        help=Label(
            fr="Part des mails ouverts dont un lien a été suivi au moins une fois.",
            en="Share of the mails opened in which a link was followed at least once.",
        ),
    ),
    Kpi(
        article=13,
        id="reply",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "replied"),
        # The article's title says delivered, its formula opened: the formula stands.
        denominator=Milestone("email", "opened"),
        windows=EVERY_WINDOW,
        formula="mails replied to ÷ mails opened",
        label=Label(fr="Taux de réponse", en="Replies"),
        help=Label(
            fr="Part des mails ouverts auxquels le prospect a répondu.",
            en="Share of the mails opened to which the prospect replied.",
        ),
    ),
    Kpi(
        article=14,
        id="meeting",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "meeting"),
        denominator=Milestone("email", "delivered"),
        windows=EVERY_WINDOW,
        formula="mails that led to a meeting ÷ mails delivered",
        label=Label(fr="Taux de RDV", en="Meetings"),
        help=Label(
            fr="Part des mails délivrés qui ont mené à un rendez-vous.",
            en="Share of the mails delivered that led to a meeting.",
        ),
    ),
    Kpi(
        article=15,
        id="unsubscribe",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "unsubscribed"),
        denominator=Milestone("email", "delivered"),
        windows=EVERY_WINDOW,
        formula="mails that led to an unsubscription ÷ mails delivered",
        label=Label(fr="Taux de désinscription", en="Unsubscriptions"),
        help=Label(
            fr="Part des mails délivrés qui ont mené à une désinscription.",
            en="Share of the mails delivered that led to an unsubscription.",
        ),
    ),
    Kpi(
        article=16,
        id="hard_bounce",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "hard_bounced"),
        denominator=Milestone("email", "sent"),
        windows=EVERY_WINDOW,
        formula="mails that hard-bounced ÷ mails sent",
        label=Label(fr="Taux de hard bounce", en="Hard bounces"),
        help=Label(
            fr="Part des mails envoyés refusés pour de bon : l'adresse est fausse. Au-delà de "
            "5 %, les plateformes d'envoi mettent le compte sous surveillance ; à 10 %, elles "
            "peuvent le suspendre.",
            en="Share of the mails sent that were refused for good: the address is wrong. From "
            "5% sending platforms review the account; at 10% they may suspend it.",
        ),
    ),
    Kpi(
        article=17,
        id="soft_bounce",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "soft_bounced"),
        denominator=Milestone("email", "sent"),
        windows=EVERY_WINDOW,
        formula="mails that soft-bounced ÷ mails sent",
        label=Label(fr="Taux de soft bounce", en="Soft bounces"),
        help=Label(
            fr="Part des mails envoyés refusés pour un temps : boîte pleine, raison technique.",
            en="Share of the mails sent that were refused for now: full mailbox, technical "
            "reasons.",
        ),
    ),
    Kpi(
        article=18,
        id="negative",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "negative"),
        denominator=Milestone("email", "opened"),
        windows=EVERY_WINDOW,
        formula="mails with a negative reply ÷ mails opened",
        label=Label(fr="Taux de réponse négative", en="Negative replies"),
        help=Label(
            fr="Part des mails ouverts qui ont reçu une réponse négative.",
            en="Share of the mails opened that got a negative reply.",
        ),
    ),
    Kpi(
        id="complaint",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "complained"),
        denominator=Milestone("email", "delivered"),
        windows=EVERY_WINDOW,
        formula="spam complaints ÷ mails delivered",
        label=Label(fr="Taux de plainte (spam)", en="Spam complaints"),
        help=Label(
            fr="Part des mails délivrés signalés comme spam. Gmail et Yahoo demandent moins de "
            "0,1 % et refusent les expéditeurs à partir de 0,3 %.",
            en="Share of the mails delivered that were reported as spam. Gmail and Yahoo ask for "
            "less than 0.1% and refuse senders from 0.3%.",
        ),
    ),
    Kpi(
        article=35,
        id="conversion",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "customer"),
        denominator=Milestone("email", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects contacted by mail that became customers ÷ prospects contacted by mail",
        label=Label(fr="Taux de conversion par canal", en="Conversion of the channel"),
        help=Label(
            fr="Part des prospects contactés par mail qui sont devenus clients.",
            en="Share of the prospects contacted by mail that became customers.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity",
        channel="email",
        unit="ratio",
        numerator=Milestone("email", "answered"),
        denominator=Milestone("email", "contacted"),
        windows=EVERY_WINDOW,
        formula="prospects who answered a mail ÷ prospects contacted by mail",
        label=Label(fr="Taux de réactivité", en="Reactivity"),
        help=Label(
            fr="Part des prospects contactés par mail qui ont répondu ou pris rendez-vous.",
            en="Share of the prospects contacted by mail who replied or booked a meeting.",
        ),
    ),
    Kpi(
        article=36,
        id="reactivity_delay",
        channel="email",
        unit="seconds",
        numerator=Total("email", "reactivity_delay"),
        denominator=Milestone("email", "answered"),
        windows=EVERY_WINDOW,
        formula="time from first mail to first answer ÷ prospects who answered a mail",
        label=Label(fr="Délai moyen de réaction", en="Mean time to answer"),
        help=Label(
            fr="Temps moyen entre le premier mail et la première réponse, parmi les prospects "
            "qui ont répondu.",
            en="Mean time from the first mail to the first answer, among the prospects who "
            "answered.",
        ),
    ),
)
