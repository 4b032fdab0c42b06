"""How numbers are asked for: of one campaign or of several, always of the newest worker.

Owns the parts of PromQL that every dashboard shares. Never decides what is shown.
"""

from typing import Final

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

# The reader chooses the data source, so that the dashboards fit any Grafana.
SOURCE: Final = model.DataSourceRef(type_val="prometheus", uid="${datasource}")

ONE: Final = 'campaign="$campaign"'
SEVERAL: Final = 'campaign=~"$campaign"'
# What belongs to the chosen campaigns or to none: an alert of the pipeline names no campaign.
SEVERAL_OR_NONE: Final = 'campaign=~"$campaign|"'

WINDOW: Final = "$window"
# The page's own time span, and the shortest span of which the page can show a rate.
SPAN: Final = "$__range"
RATE: Final = "$__rate_interval"


def newest(metric: str, *matchers: str, campaigns: str = ONE, **labels: str) -> str:
    """A query of campaigns; of two workers that show one for a moment, the newest one's.

    `matchers` are written as PromQL writes them, `labels` must be equal.
    """
    chosen = (campaigns, *(f'{label}="{value}"' for label, value in labels.items()), *matchers)
    return (
        f"{metric}{{{','.join(chosen)}}} and on (campaign, instance) "
        f"topk by (campaign) (1, prospecting_as_of_seconds{{{campaigns}}})"
    )


def total(by: str, expression: str) -> str:
    """The sum by a label: of the newest worker's samples no other label is left."""
    return f"sum by ({by}) ({expression})"


def share(by: str, part: str, whole: str) -> str:
    """One sum divided by another; no value, rather than 0 or NaN, where nothing is divided by."""
    return f"{total(by, part)} / ({total(by, whole)} > 0)"


def increase(metric: str, *matchers: str, span: str = SPAN) -> str:
    """By how much counters have grown over a span."""
    chosen = f"{{{','.join(matchers)}}}" if matchers else ""
    return f"increase({metric}{chosen}[{span}])"


def rate(metric: str, *matchers: str, span: str = RATE) -> str:
    """How fast counters grow, a second."""
    chosen = f"{{{','.join(matchers)}}}" if matchers else ""
    return f"rate({metric}{chosen}[{span}])"


def quantile(of: float, histogram: str, by: str = "", span: str = RATE) -> str:
    """A quantile of a histogram, in its unit; no value, rather than NaN, when nothing happened."""
    labels = f"le, {by}" if by else "le"
    buckets = f"sum by ({labels}) ({rate(f'{histogram}_bucket', span=span)})"
    return f"histogram_quantile({of}, {buckets}) >= 0"


def query(expression: str, legend: str = "", ref: str = "A") -> prometheus.Dataquery:
    """What holds now."""
    return (
        prometheus.Dataquery()
        .datasource(SOURCE)
        .ref_id(ref)
        .expr(expression)
        .legend_format(legend)
        .instant()
    )


def over_time(expression: str, legend: str = "", ref: str = "A") -> prometheus.Dataquery:
    """What held at each moment of the page's time span."""
    return query(expression, legend, ref).range()


def in_columns(expression: str, ref: str) -> prometheus.Dataquery:
    """What holds now, each label a column."""
    return query(expression, ref=ref).format(PromQueryFormat.TABLE)
