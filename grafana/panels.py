"""The kinds of panels that the dashboard is made of.

Owns how a number looks (unit, colour, what stands for « no value ») and how it is asked for. Never
decides which numbers are shown.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    prometheus,
    stat,
    table,
    timeseries,
)
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from streamer.kpis.limits import Limits
from streamer.kpis.model import Unit

# The reader chooses the data source, so that the dashboard fits any Grafana.
SOURCE: Final = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
NO_VALUE: Final = "—"

UNITS: Final[Mapping[Unit, str]] = MappingProxyType(
    {"ratio": "percentunit", "seconds": "s", "count": "locale", "amount": "locale"}
)
# What an amount is shown in, when the campaign's currency is one that Grafana knows.
CURRENCIES: Final[Mapping[str, str]] = MappingProxyType(
    {"EUR": "currencyEUR", "USD": "currencyUSD", "GBP": "currencyGBP", "CHF": "currencyCHF"}
)

_NEUTRAL: Final = "blue"
_GOOD: Final = "green"
_DOUBTFUL: Final = "orange"
_BAD: Final = "red"

_WIDTH: Final = 4
_HEIGHT: Final = 4
_WIDE_HEIGHT: Final = 8


def newest(metric: str, **labels: str) -> str:
    """A query of one campaign; of two workers that show it for a moment, the newest one's."""
    chosen = ",".join(
        f'{label}="{value}"' for label, value in {"campaign": "$campaign", **labels}.items()
    )
    return (
        f"{metric}{{{chosen}}} and on (campaign, instance) "
        'topk by (campaign) (1, prospecting_as_of_seconds{campaign="$campaign"})'
    )


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


def coloured(limits: Limits | None) -> dashboard.ThresholdsConfig:
    """Green, orange and red where there are facts to judge by, one neutral colour elsewhere."""
    if limits is None:
        steps = [model.Threshold(color=_NEUTRAL)]
    elif limits.falling:
        steps = [
            model.Threshold(color=_BAD),
            model.Threshold(value=limits.critical, color=_DOUBTFUL),
            model.Threshold(value=limits.warning, color=_GOOD),
        ]
    else:
        steps = [
            model.Threshold(color=_GOOD),
            model.Threshold(value=limits.warning, color=_DOUBTFUL),
            model.Threshold(value=limits.critical, color=_BAD),
        ]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def number(  # noqa: PLR0913 - what a tile shows
    title: str,
    description: str,
    expression: str,
    *,
    unit: str,
    decimals: int | None = None,
    legend: str = "",
    limits: Limits | None = None,
) -> stat.Panel:
    """A tile with the number that holds now: nothing stands in for a value that is not there."""
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .span(_WIDTH)
        .height(_HEIGHT)
        .with_target(query(expression, legend))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False))
        .graph_mode(common_model.BigValueGraphMode.NONE)
        .color_mode(common_model.BigValueColorMode.VALUE)
        .text_mode(common_model.BigValueTextMode.VALUE)
        .color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(coloured(limits))
        .unit(unit)
        .no_value(NO_VALUE)
    )
    return panel if decimals is None else panel.decimals(decimals)


def amount(title: str, description: str, expression: str) -> stat.Panel:
    """A tile with an amount, in the currency that its label names."""
    panel = number(
        title,
        description,
        expression,
        unit=UNITS["amount"],
        decimals=2,
        legend="{{currency}}",
    ).text_mode(common_model.BigValueTextMode.VALUE_AND_NAME)
    for currency, unit in CURRENCIES.items():
        panel.override_by_name(currency, [model.DynamicConfigValue(id_val="unit", value=unit)])
    return panel


def name(title: str, description: str, expression: str, legend: str) -> stat.Panel:
    """A tile with a text that a label carries."""
    return number(title, description, expression, unit="none", legend=legend).text_mode(
        common_model.BigValueTextMode.NAME
    )


def curves(title: str, description: str, expression: str, legend: str) -> timeseries.Panel:
    """How some counts moved in the time that the page shows; a gap stays a gap."""
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .span(24)
        .height(_WIDE_HEIGHT)
        .with_target(query(expression, legend).range())
        .unit(UNITS["count"])
        .min(0)
        .span_nulls(span_nulls=False)
        .line_interpolation(common_model.LineInterpolation.STEP_AFTER)
        .legend(
            common.VizLegendOptions()
            .show_legend(show_legend=True)
            .display_mode(common_model.LegendDisplayMode.TABLE)
            .placement(common_model.LegendPlacement.RIGHT)
            .calcs(["lastNotNull"])
        )
        .tooltip(common.VizTooltipOptions().mode(common_model.TooltipDisplayMode.MULTI))
    )


def columns(
    title: str,
    description: str,
    key: tuple[str, str],
    shown: Sequence[tuple[str, str, Unit]],
) -> table.Panel:
    """A table: `key` is (label, title) of its first column, `shown` (title, query, unit)."""
    refs = [chr(ord("A") + position) for position in range(len(shown))]
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .span(24)
        .height(_WIDE_HEIGHT)
        .no_value(NO_VALUE)
        .unit(UNITS["count"])
        .with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(
            model.DataTransformerConfig(
                id_val="organize",
                options={
                    "excludeByName": {"Time": True},
                    "renameByName": {
                        key[0]: key[1],
                        **{
                            f"Value #{ref}": header
                            for ref, (header, _, _) in zip(refs, shown, strict=True)
                        },
                    },
                },
            )
        )
    )
    for ref, (header, expression, unit) in zip(refs, shown, strict=True):
        panel.with_target(query(expression, ref=ref).format(PromQueryFormat.TABLE))
        panel.override_by_name(header, [model.DynamicConfigValue(id_val="unit", value=UNITS[unit])])
    return panel
