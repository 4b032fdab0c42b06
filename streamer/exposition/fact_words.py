"""What each fact is called, in French and in English: a type of event, and what its data say.

A fact is a type, such as `email.opened`, or a type and after a colon a value that its data carry,
such as `email.bounced:hard` or `phone.completed:duration`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from streamer.events.vocabulary import TYPES
from streamer.kpis.model import Label

# Any event of a call may carry them.
_OF_CALLS: Final[Mapping[str, Label]] = {
    "duration": Label("durées des appels", "durations of calls"),
    "key_answers": Label("réponses clés des appels", "key answers of calls"),
}

WORDS: Final[Mapping[str, Label]] = {
    "email.sent": Label("mails envoyés", "mails sent"),
    "email.delivered": Label("mails délivrés", "mails delivered"),
    "email.deferred": Label("mails différés", "mails deferred"),
    "email.bounced": Label("rebonds", "bounces"),
    "email.bounced:hard": Label("hard bounces", "hard bounces"),
    "email.bounced:soft": Label("soft bounces", "soft bounces"),
    "email.opened": Label("ouvertures", "opens"),
    "email.clicked": Label("clics", "clicks"),
    "email.replied": Label("réponses aux mails", "replies to mails"),
    "email.replied:positive": Label("réponses positives aux mails", "positive replies to mails"),
    "email.replied:negative": Label("réponses négatives aux mails", "negative replies to mails"),
    "email.replied:neutral": Label("réponses neutres aux mails", "neutral replies to mails"),
    "email.unsubscribed": Label("désinscriptions", "unsubscriptions"),
    "email.complained": Label("plaintes (spam)", "spam complaints"),
    "sms.sent": Label("SMS envoyés", "SMS sent"),
    "sms.delivered": Label("SMS délivrés", "SMS delivered"),
    "sms.failed": Label("SMS en échec", "SMS failed"),
    "sms.replied": Label("réponses aux SMS", "replies to SMS"),
    "sms.replied:positive": Label("réponses positives aux SMS", "positive replies to SMS"),
    "sms.replied:negative": Label("réponses négatives aux SMS", "negative replies to SMS"),
    "sms.replied:neutral": Label("réponses neutres aux SMS", "neutral replies to SMS"),
    "sms.opted_out": Label("STOP", "STOPs"),
    "postal.sent": Label("courriers envoyés", "letters sent"),
    "postal.delivered": Label("courriers remis", "letters delivered"),
    "postal.returned": Label("courriers retournés (NPAI)", "letters returned"),
    "postal.replied": Label("réponses aux courriers", "answers to letters"),
    "postal.replied:positive": Label("réponses positives aux courriers", "positive answers"),
    "postal.replied:negative": Label("réponses négatives aux courriers", "negative answers"),
    "postal.replied:neutral": Label("réponses neutres aux courriers", "neutral answers"),
    "phone.made": Label("appels réalisés", "calls made"),
    "phone.connected": Label("appels « connected »", "calls connected"),
    "phone.unreached": Label("appels sans interlocuteur", "calls that reached nobody"),
    "phone.completed": Label("appels terminés", "calls completed"),
    "phone.completed:meeting": Label("appels avec RDV", "meetings agreed on calls"),
    "phone.completed:callback": Label("invitations à rappeler", "invitations to call back"),
    "phone.completed:negative": Label("refus au téléphone", "refusals on calls"),
    "phone.completed:off_target": Label("appels hors cible", "calls off target"),
    "phone.completed:none": Label("appels sans issue", "calls without an outcome"),
    **{
        f"{kind}:{name}": label
        for name, label in _OF_CALLS.items()
        for kind in ("phone.made", "phone.connected", "phone.unreached", "phone.completed")
    },
    "linkedin.invited": Label("invitations", "invitations"),
    "linkedin.accepted": Label("invitations acceptées", "invitations accepted"),
    "linkedin.messaged": Label("messages LinkedIn envoyés", "LinkedIn messages sent"),
    "linkedin.read": Label("messages LinkedIn lus", "LinkedIn messages read"),
    "linkedin.replied": Label("réponses LinkedIn", "replies on LinkedIn"),
    "linkedin.replied:positive": Label("réponses LinkedIn positives", "positive LinkedIn replies"),
    "linkedin.replied:negative": Label("réponses LinkedIn négatives", "negative LinkedIn replies"),
    "linkedin.replied:neutral": Label("réponses LinkedIn neutres", "neutral LinkedIn replies"),
    "meeting.booked": Label("RDV pris", "meetings booked"),
    "meeting.canceled": Label("RDV annulés", "meetings canceled"),
    "lead.qualified": Label("leads qualifiés", "leads qualified"),
    "customer.won": Label("clients gagnés", "customers won"),
    "prospect.linked": Label("liens entre les adresses d'un prospect", "links of a prospect"),
    "cost.incurred": Label("coûts", "costs"),
    "campaign.planned": Label("plans", "plans"),
}

# What data carry that word; the others are fields themselves.
_FIELDS: Final[Mapping[str, str]] = {
    "hard": "bounce",
    "soft": "bounce",
    "positive": "sentiment",
    "neutral": "sentiment",
    "meeting": "outcome",
    "callback": "outcome",
    "off_target": "outcome",
    "none": "outcome",
}
_ORDER: Final = {fact: place for place, fact in enumerate(WORDS)}


def field_of(fact: str) -> str:
    """The field of the data that a fact stands in; empty when the type says all."""
    kind, _, value = fact.partition(":")
    if value == "negative":
        return "outcome" if kind.startswith("phone.") else "sentiment"
    return _FIELDS.get(value, value)


def type_of(fact: str) -> str:
    """The type of event that tells a fact."""
    return fact.partition(":")[0]


def channel_of(fact: str) -> str | None:
    """The channel that a fact is of; None for those of no channel."""
    kind = TYPES.get(type_of(fact))
    return kind.channel if kind else None


def in_order(facts: Iterable[str]) -> list[str]:
    """Facts in the order of the table, what is not in it last."""
    return sorted(facts, key=lambda fact: (_ORDER.get(fact, len(_ORDER)), fact))


def word(fact: str, language: str) -> str:
    """What a fact is called; the fact itself when it has no name."""
    label = WORDS.get(fact)
    return fact if label is None else str(getattr(label, language))
