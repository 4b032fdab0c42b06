"""Where a reader can go from a page: other pages, the wall, what to do.

Owns the addresses. Paths of Grafana's own are relative, so that it may live under any address.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model

TAG: Final = "prospection"

# Sections of the runbooks, and the panels that show them: the numbers are part of the addresses.
RUNBOOKS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "hard-bounces": 1001,
        "complaints": 1002,
        "opt-outs": 1003,
        "delivery-drop": 1004,
        "drift": 1005,
        "behind-plan": 1006,
        "incomplete": 1007,
        "gateway-not-ready": 1008,
        "worker-not-ready": 1009,
        "numbers-withheld": 1010,
        "consumer-lag": 1011,
        "dead-letters": 1012,
        "events-waiting": 1013,
        "source-silent": 1014,
        "redis-away": 1015,
        "news-missing": 1016,
    }
)


def uid(name: str) -> str:
    """The identity of a page, by which others find it."""
    return f"prospecting-{name}"


def page(name: str, *variables: str) -> str:
    """The address of a page, with the page's time and `variables` such as `var-channel=sms`."""
    return "&".join(
        (f"/d/{uid(name)}?${{__url_time_range}}", "${datasource:queryparam}", *variables)
    )


def of_campaign(name: str) -> str:
    """The address of a page about the campaign that is being looked at."""
    return page(name, "${campaign:queryparam}")


def runbook(section: str) -> str:
    """The address of a section of the runbooks, as a page of its own."""
    return f"/d/{uid('alerts')}?viewPanel={RUNBOOKS[section]}"


def of_panel(title: str, url: str) -> dashboard.DashboardLink:
    """A link in a panel's corner."""
    return (
        dashboard.DashboardLink(title)
        .type(model.DashboardLinkType.LINK)
        .url(url)
        .tooltip("")
        .icon("external link")
    )


def others() -> dashboard.DashboardLink:
    """The other pages, side by side, with what was chosen here."""
    return (
        dashboard.DashboardLink("Prospection")
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .icon("dashboard")
        .tooltip("")
        .include_vars(include_vars=True)
        .keep_time(keep_time=True)
    )


def wall() -> dashboard.DashboardLink:
    """The campaign's page on the wall."""
    return (
        dashboard.DashboardLink("Mur de la campagne")
        .type(model.DashboardLinkType.LINK)
        .url("${gateway}/wall/${campaign:percentencode}")
        .icon("external link")
        .tooltip("La même campagne, à la seconde, pour un grand écran")
        .target_blank(target_blank=True)
    )
