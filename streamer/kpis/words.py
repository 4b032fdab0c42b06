"""What the milestones and the terms of formulas are called, in the two languages of the product.

Owns the words only. The English formula of a KPI stands in its row; the French one is made here
from its terms, so that both say what is divided by what.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from streamer.kpis import model
from streamer.kpis.model import Channel, Kpi, Label

CHANNEL_LABELS: Final[Mapping[Channel, Label]] = MappingProxyType(
    {
        "email": Label("E-mail", "E-mail"),
        "linkedin": Label("LinkedIn", "LinkedIn"),
        "phone": Label("Téléphone", "Phone"),
        "postal": Label("Courrier", "Letters"),
        "sms": Label("SMS", "SMS"),
        "all": Label("Tous canaux", "All channels"),
    }
)

# How a milestone's touches are told in the middle of a sentence.
_PROSPECTS: Final[Mapping[str, Label]] = {
    "contacted": Label("prospects contactés", "prospects contacted"),
    "answered": Label("prospects ayant répondu", "prospects who answered"),
    "customer": Label("prospects contactés devenus clients", "prospects contacted, now customers"),
}
_TOUCHES: Final[Mapping[str, Mapping[str, Label]]] = {
    "email": {
        "sent": Label("mails envoyés", "mails sent"),
        "delivered": Label("mails délivrés", "mails delivered"),
        "deferred": Label("mails retardés", "mails deferred"),
        "hard_bounced": Label("mails en hard bounce", "mails hard-bounced"),
        "soft_bounced": Label("mails en soft bounce", "mails soft-bounced"),
        "opened": Label("mails ouverts", "mails opened"),
        "clicked": Label("mails cliqués", "mails clicked"),
        "replied": Label("mails ayant reçu une réponse", "mails replied to"),
        "negative": Label("mails à réponse négative", "mails with a negative reply"),
        "positive": Label("mails à réponse positive", "mails with a positive reply"),
        "unsubscribed": Label("mails suivis d'une désinscription", "mails unsubscribed from"),
        "complained": Label("mails signalés comme spam", "mails reported as spam"),
        "meeting": Label("mails ayant mené à un RDV", "mails that led to a meeting"),
    },
    "linkedin": {
        "invited": Label("invitations envoyées", "invitations sent"),
        "accepted": Label("invitations acceptées", "invitations accepted"),
        "messaged": Label("messages directs envoyés", "direct messages sent"),
        "read": Label("messages directs lus", "direct messages read"),
        "replied": Label("invitations suivies d'une réponse", "invitations with a reply"),
        "negative": Label("invitations à réponse négative", "invitations with a negative reply"),
        "positive": Label("invitations à réponse positive", "invitations with a positive reply"),
        "meeting": Label("invitations ayant mené à un RDV", "invitations that led to a meeting"),
    },
    "phone": {
        "made": Label("appels passés", "calls made"),
        "connected": Label("appels décrochés", "calls connected"),
        "unreached": Label("appels sans interlocuteur", "calls that reached nobody"),
        "completed": Label("appels terminés", "calls completed"),
        "callback": Label("invitations à rappeler", "calls with an invitation to call back"),
        "negative": Label("appels à réponse négative", "calls with a negative answer"),
        "off_target": Label("appels hors cible", "calls where the prospect is not the target"),
        "meeting": Label("appels ayant mené à un RDV", "calls that led to a meeting"),
    },
    "postal": {
        "sent": Label("courriers envoyés", "letters sent"),
        "delivered": Label("courriers distribués", "letters delivered"),
        "returned": Label("courriers retournés (NPAI)", "letters returned"),
        "replied": Label("courriers ayant reçu une réponse", "letters with any response"),
        "negative": Label("courriers à réponse négative", "letters with a negative response"),
        "positive": Label("courriers à réponse positive", "letters with a positive response"),
        "meeting": Label("courriers ayant mené à un RDV", "letters that led to a meeting"),
    },
    "sms": {
        "sent": Label("SMS envoyés", "SMS sent"),
        "delivered": Label("SMS délivrés", "SMS delivered"),
        "failed": Label("SMS en échec", "SMS failed"),
        "replied": Label("SMS ayant reçu une réponse", "SMS with any response"),
        "negative": Label("SMS à réponse négative", "SMS with a negative response"),
        "positive": Label("SMS à réponse positive ou RDV", "SMS with a positive response"),
        "opted_out": Label("SMS suivis d'un STOP", "SMS answered by STOP"),
        "meeting": Label("SMS ayant mené à un RDV", "SMS that led to a meeting"),
    },
    "all": {
        "meeting": Label("prospects avec un RDV", "prospects with a meeting"),
        "meeting_canceled": Label("prospects avec un RDV annulé", "prospects who canceled"),
        "qualified": Label("leads qualifiés", "qualified leads"),
        "customer": Label("nouveaux clients", "new customers"),
    },
}

PHRASES: Final[Mapping[tuple[str, str], Label]] = MappingProxyType(
    {
        (channel, milestone): label
        for channel, own in _TOUCHES.items()
        for milestone, label in {**_PROSPECTS, **own}.items()
    }
)

# The steps of a channel's funnel in the order in which a touch takes them, with a short name.
FUNNELS: Final[Mapping[str, Mapping[str, Label]]] = MappingProxyType(
    {
        "email": {
            "sent": Label("Envoyés", "Sent"),
            "delivered": Label("Délivrés", "Delivered"),
            "opened": Label("Ouverts", "Opened"),
            "clicked": Label("Cliqués", "Clicked"),
            "replied": Label("Réponses", "Replies"),
            "meeting": Label("RDV", "Meetings"),
        },
        "sms": {
            "sent": Label("Envoyés", "Sent"),
            "delivered": Label("Délivrés", "Delivered"),
            "replied": Label("Réponses", "Replies"),
            "positive": Label("Positives", "Positive"),
            "meeting": Label("RDV", "Meetings"),
        },
        "postal": {
            "sent": Label("Envoyés", "Sent"),
            "delivered": Label("Distribués", "Delivered"),
            "replied": Label("Réponses", "Replies"),
            "positive": Label("Positives", "Positive"),
            "meeting": Label("RDV", "Meetings"),
        },
        "phone": {
            "made": Label("Appels", "Calls"),
            "connected": Label("Décrochés", "Connected"),
            "meeting": Label("RDV", "Meetings"),
        },
        "linkedin": {
            "invited": Label("Invitations", "Invitations"),
            "accepted": Label("Acceptées", "Accepted"),
            "messaged": Label("Messages", "Messages"),
            "read": Label("Lus", "Read"),
            "replied": Label("Réponses", "Replies"),
            "meeting": Label("RDV", "Meetings"),
        },
    }
)

_TOTALS: Final[Mapping[str, str]] = {
    "duration": "durée totale des appels",
    "key_answers": "réponses clés obtenues",
    "reactivity_delay": "somme des délais du premier contact à la première réponse",
}
_PLANNED: Final[Mapping[str, str]] = {
    "email": "mails prévus",
    "linkedin": "invitations prévues",
    "phone": "appels prévus",
    "postal": "courriers prévus",
    "sms": "SMS prévus",
}
_FIXED: Final[Mapping[object, str]] = {
    model.KeyQuestions(): "questions clés du plan",
    model.Cost(): "coût total de la prospection",
}


def formula_fr(kpi: Kpi) -> str:
    """The formula of a row in French."""
    above = _term(kpi.numerator)
    return above if kpi.denominator is None else f"{above} ÷ {_term(kpi.denominator)}"


def _term(term: object) -> str:
    match term:
        case model.Milestone(channel, name):
            return PHRASES[channel, name].fr
        case model.Difference(whole, part):
            return f"({_term(whole)} − {_term(part)})"
        case model.Product(a, b):
            return f"({_term(a)} × {_term(b)})"
        case model.Total(_, name):
            return _TOTALS[name]
        case model.Planned(channel):
            return _PLANNED[channel]
    return _FIXED[term]
