"""What the reader chooses on a page, and what a page is told of its surroundings.

Owns the variables and their names. Never decides which page has which.
"""

from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from grafana.queries import ONE, SOURCE
from grafana.words import CHANNELS

Variable = Builder[model.VariableModel]

WINDOWS: Final[tuple[tuple[str, str], ...]] = (
    ("campaign", "Toute la campagne"),
    ("5m", "5 dernières minutes"),
    ("1h", "Dernière heure"),
    ("24h", "Dernières 24 heures"),
)

# Where the gateway is seen from the reader's browser: `&var-gateway=…` or the field on the page.
GATEWAY: Final = "http://127.0.0.1:8080"

_CAMPAIGNS: Final = "label_values(prospecting_campaign_info, campaign)"


def datasource() -> Variable:
    """Where the numbers come from."""
    return dashboard.DatasourceVariable("datasource").label("Source de données").type("prometheus")


def campaign() -> Variable:
    """One campaign."""
    return _asked("campaign", "Campagne", _CAMPAIGNS)


def campaigns() -> Variable:
    """Some campaigns, at first all."""
    return _all(_asked("campaign", "Campagnes", _CAMPAIGNS))


def reps() -> Variable:
    """Some sales reps of the campaign, at first all."""
    return _all(
        _asked("rep", "Commerciaux", f"label_values(prospecting_rep_milestones{{{ONE}}}, rep)")
    )


def sources() -> Variable:
    """Some sources of webhooks, at first all."""
    asked = "label_values(streamer_webhook_events_total, source)"
    return _all(_asked("source", "Sources", asked))


def channels() -> Variable:
    """Some channels, at first all."""
    return (
        dashboard.CustomVariable("channel")
        .label("Canaux")
        .values(",".join(f"{word} : {value}" for value, word in CHANNELS.items()))
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
        .current(model.VariableOption(selected=True, text="All", value="$__all"))
    )


def window() -> Variable:
    """Over which time numbers are counted."""
    value, text = WINDOWS[0]
    return (
        dashboard.CustomVariable("window")
        .label("Fenêtre")
        .values(",".join(f"{text} : {value}" for value, text in WINDOWS))
        .current(model.VariableOption(selected=True, text=text, value=value))
    )


def gateway() -> Variable:
    """The address of the gateway, for links to the wall."""
    return (
        dashboard.TextBoxVariable("gateway")
        .label("Adresse de la passerelle")
        .default_value(GATEWAY)
        .current(model.VariableOption(selected=True, text=GATEWAY, value=GATEWAY))
    )


def _asked(name: str, label: str, asked: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query({"query": asked, "refId": name, "qryType": 1})
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
    )


def _all(variable: dashboard.QueryVariable) -> dashboard.QueryVariable:
    return (
        variable.multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
        .current(model.VariableOption(selected=True, text="All", value="$__all"))
    )
