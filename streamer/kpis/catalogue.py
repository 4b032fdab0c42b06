"""The catalogue: every KPI of a campaign, one literal row per channel and KPI.

Owns the order in which KPIs are shown, the names of all counted milestones and the numbers that
stand per sales rep. Metrics, API, documentation and dashboards are rendered from it. It never
counts. To add a KPI, add a row in `rows/`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from streamer.kpis.model import Channel, Kpi, Label, RepRow
from streamer.kpis.rows.campaign import CAMPAIGN
from streamer.kpis.rows.email import EMAIL
from streamer.kpis.rows.linkedin import LINKEDIN
from streamer.kpis.rows.phone import PHONE
from streamer.kpis.rows.postal import POSTAL
from streamer.kpis.rows.sms import SMS

# In the order of the article.
CATALOGUE: Final[tuple[Kpi, ...]] = (*POSTAL, *SMS, *EMAIL, *PHONE, *LINKEDIN, *CAMPAIGN)

# Every milestone that is counted. The last three of a channel, and all of `all`, count prospects;
# the others count touches.
MILESTONES: Final[Mapping[Channel, tuple[str, ...]]] = MappingProxyType(
    {
        "email": (
            "sent",
            "delivered",
            "deferred",
            "hard_bounced",
            "soft_bounced",
            "opened",
            "clicked",
            "replied",
            "negative",
            "positive",
            "unsubscribed",
            "complained",
            "meeting",
            "contacted",
            "answered",
            "customer",
        ),
        "linkedin": (
            "invited",
            "accepted",
            "messaged",
            "read",
            "replied",
            "negative",
            "positive",
            "meeting",
            "contacted",
            "answered",
            "customer",
        ),
        "phone": (
            "made",
            "connected",
            "unreached",
            "completed",
            "callback",
            "negative",
            "off_target",
            "meeting",
            "contacted",
            "answered",
            "customer",
        ),
        "postal": (
            "sent",
            "delivered",
            "returned",
            "replied",
            "negative",
            "positive",
            "meeting",
            "contacted",
            "answered",
            "customer",
        ),
        "sms": (
            "sent",
            "delivered",
            "failed",
            "replied",
            "negative",
            "positive",
            "opted_out",
            "meeting",
            "contacted",
            "answered",
            "customer",
        ),
        "all": (
            "contacted",
            "answered",
            "meeting",
            "meeting_canceled",
            "qualified",
            "customer",
        ),
    }
)

# What also stands per sales rep, for the calls whose rep is known.
REP_ROWS: Final[tuple[RepRow, ...]] = (
    RepRow(
        id="made",
        unit="count",
        label=Label(fr="Appels réalisés", en="Calls made"),
        help=Label(
            fr="Appels passés par ce commercial.",
            en="Calls that this sales rep made.",
        ),
    ),
    RepRow(
        id="connected",
        unit="count",
        label=Label(fr="Appels « connected »", en="Calls connected"),
        help=Label(
            fr="Appels de ce commercial où le prospect a décroché et parlé.",
            en="Calls of this sales rep where the prospect picked up and talked.",
        ),
    ),
    RepRow(
        id="meeting",
        unit="count",
        label=Label(fr="RDV obtenus", en="Meetings"),
        help=Label(
            fr="Appels de ce commercial qui ont mené à un rendez-vous.",
            en="Calls of this sales rep that led to a meeting.",
        ),
    ),
    RepRow(
        id="seconds",
        unit="seconds",
        label=Label(fr="Temps de parole", en="Talk time"),
        help=Label(
            fr="Durée totale des appels de ce commercial, comptée au moment de l'appel.",
            en="Total duration of this sales rep's calls, counted when the call was made.",
        ),
    ),
)
