"""What channels and milestones are called in French: the labels of metrics are not for reading.

Owns the words. KPIs bring theirs from the catalogue.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from streamer.kpis.model import Channel

# In the order in which they are shown.
ORDER: Final[tuple[Channel, ...]] = ("email", "sms", "postal", "phone", "linkedin")
CHANNELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "email": "E-mail",
        "sms": "SMS",
        "postal": "Courrier",
        "phone": "Téléphone",
        "linkedin": "LinkedIn",
    }
)

MILESTONES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sent": "Envoyés",
        "delivered": "Remis",
        "deferred": "Différés",
        "hard_bounced": "Hard bounces",
        "soft_bounced": "Soft bounces",
        "failed": "En échec",
        "returned": "Retournés (NPAI)",
        "opened": "Ouverts",
        "clicked": "Cliqués",
        "replied": "Réponses",
        "negative": "Réponses négatives",
        "positive": "Réponses positives",
        "unsubscribed": "Désinscriptions",
        "opted_out": "STOP",
        "complained": "Plaintes (spam)",
        "invited": "Invitations",
        "accepted": "Acceptations",
        "messaged": "Messages envoyés",
        "read": "Messages lus",
        "made": "Appels passés",
        "connected": "Conversations",
        "unreached": "Sans interlocuteur",
        "completed": "Appels terminés",
        "callback": "À rappeler",
        "off_target": "Hors cible",
        "meeting": "RDV",
        "meeting_canceled": "RDV annulés",
        "contacted": "Prospects contactés",
        "answered": "Prospects ayant répondu",
        "qualified": "Leads qualifiés",
        "customer": "Clients",
    }
)

SEVERITIES: Final[Mapping[str, str]] = MappingProxyType(
    {"critical": "Critique", "warning": "À surveiller", "info": "Information"}
)
STATES: Final[Mapping[str, str]] = MappingProxyType({"firing": "Active", "pending": "En attente"})
