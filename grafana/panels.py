"""The kinds of panels that the dashboards are made of.

Owns how a number looks: unit, colour, size, what stands for « no value ». Never decides which
numbers are shown.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from grafana_foundation_sdk.builders import bargauge, common, dashboard, stat, text, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.text import TextMode

from grafana.queries import SOURCE, over_time, query
from streamer.kpis.limits import Limits
from streamer.kpis.model import Unit

Panel = Builder[model.Panel]

NO_VALUE: Final = "—"
UNITS: Final[Mapping[Unit, str]] = MappingProxyType(
    {"ratio": "percentunit", "seconds": "s", "count": "locale", "amount": "locale"}
)
# What an amount is shown in, when the campaign's currency is one that Grafana knows.
CURRENCIES: Final[Mapping[str, str]] = MappingProxyType(
    {"EUR": "currencyEUR", "USD": "currencyUSD", "GBP": "currencyGBP", "CHF": "currencyCHF"}
)

NEUTRAL: Final = "blue"
GOOD: Final = "green"
DOUBTFUL: Final = "orange"
BAD: Final = "red"


class Series(NamedTuple):
    """One query of a panel, and what its series are called."""

    expression: str
    legend: str = ""


class Size(NamedTuple):
    """Of the grid's 24 columns; a line is 38 pixels, some 24 of them fit a screen."""

    width: int
    height: int


TILE: Final = Size(4, 3)
SMALL_TILE: Final = Size(3, 3)


def refs(number_of: int) -> list[str]:
    """The names of a panel's queries: A, B, C and so on."""
    return [chr(ord("A") + position) for position in range(number_of)]


def coloured(limits: Limits | None) -> dashboard.ThresholdsConfig:
    """Green, orange and red where there are facts to judge by, one neutral colour elsewhere."""
    if limits is None:
        steps = [model.Threshold(color=NEUTRAL)]
    elif limits.falling:
        steps = [
            model.Threshold(color=BAD),
            model.Threshold(value=limits.critical, color=DOUBTFUL),
            model.Threshold(value=limits.warning, color=GOOD),
        ]
    else:
        steps = [
            model.Threshold(color=GOOD),
            model.Threshold(value=limits.warning, color=DOUBTFUL),
            model.Threshold(value=limits.critical, color=BAD),
        ]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def last_value() -> common.ReduceDataOptions:
    """A panel of numbers shows the last one of each series."""
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False)


def said(words: Mapping[str, str]) -> list[model.ValueMapping]:
    """Show words instead of the values of a label."""
    return [
        model.ValueMap(
            options={
                value: model.ValueMappingResult(text=word, index=place)
                for place, (value, word) in enumerate(words.items())
            }
        )
    ]


def number(  # noqa: PLR0913 - what a tile shows
    title: str,
    description: str,
    expression: str,
    *,
    unit: str,
    decimals: int | None = None,
    legend: str = "",
    limits: Limits | None = None,
    size: Size = TILE,
) -> stat.Panel:
    """A tile with the number that holds now: nothing stands in for a value that is not there."""
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .span(size.width)
        .height(size.height)
        .with_target(query(expression, legend))
        .reduce_options(last_value())
        .graph_mode(common_model.BigValueGraphMode.NONE)
        .color_mode(common_model.BigValueColorMode.VALUE)
        .text_mode(common_model.BigValueTextMode.VALUE)
        .color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(coloured(limits))
        .unit(unit)
        .no_value(NO_VALUE)
    )
    return panel if decimals is None else panel.decimals(decimals)


def yes_or_no(
    title: str, description: str, expression: str, *, limits: Limits, size: Size = TILE
) -> stat.Panel:
    """A tile that says « oui » for 1 and « non » for 0."""
    return number(title, description, expression, unit="none", limits=limits, size=size).mappings(
        said({"0": "Non", "1": "Oui"})
    )


def amount(title: str, description: str, expression: str, *, size: Size = TILE) -> stat.Panel:
    """A tile with an amount, in the currency that its label names."""
    panel = number(
        title,
        description,
        expression,
        unit=UNITS["amount"],
        decimals=2,
        legend="{{currency}}",
        size=size,
    ).text_mode(common_model.BigValueTextMode.VALUE_AND_NAME)
    for currency, unit in CURRENCIES.items():
        panel.override_by_name(currency, [model.DynamicConfigValue(id_val="unit", value=unit)])
    return panel


def name(
    title: str, description: str, expression: str, legend: str, *, size: Size = TILE
) -> stat.Panel:
    """A tile with a text that a label carries."""
    return number(title, description, expression, unit="none", legend=legend, size=size).text_mode(
        common_model.BigValueTextMode.NAME
    )


def bars(  # noqa: PLR0913 - what a panel of bars shows
    title: str,
    description: str,
    series: Sequence[Series],
    *,
    unit: str,
    size: Size,
    limits: Limits | None = None,
    most: float | None = None,
) -> bargauge.Panel:
    """What holds now as horizontal bars, in the order of the queries; `most` is a full bar."""
    panel = (
        bargauge.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .span(size.width)
        .height(size.height)
        .reduce_options(last_value())
        .display_mode(common_model.BarGaugeDisplayMode.BASIC)
        .orientation(common_model.VizOrientation.HORIZONTAL)
        .name_placement(common_model.BarGaugeNamePlacement.LEFT)
        .color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(coloured(limits))
        .unit(unit)
        .min(0)
        .no_value(NO_VALUE)
    )
    for ref, each in zip(refs(len(series)), series, strict=True):
        panel.with_target(query(each.expression, each.legend, ref))
    return panel if most is None else panel.max(most)


def curves(  # noqa: PLR0913 - what a panel of curves shows
    title: str,
    description: str,
    series: Sequence[Series],
    *,
    unit: str,
    size: Size,
    limits: Limits | None = None,
    words: Mapping[str, str] | None = None,
) -> timeseries.Panel:
    """How numbers moved in the time that the page shows; a gap stays a gap.

    `words` replace what a legend takes from a label.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .span(size.width)
        .height(size.height)
        .unit(unit)
        .min(0)
        .span_nulls(span_nulls=False)
        .show_points(common_model.VisibilityMode.NEVER)
        .fill_opacity(5)
        .line_interpolation(common_model.LineInterpolation.STEP_AFTER)
        .thresholds(coloured(limits))
        .legend(
            common.VizLegendOptions()
            .show_legend(show_legend=True)
            .display_mode(common_model.LegendDisplayMode.TABLE)
            .placement(common_model.LegendPlacement.RIGHT)
            .calcs(["lastNotNull"])
        )
        .tooltip(
            common.VizTooltipOptions()
            .mode(common_model.TooltipDisplayMode.MULTI)
            .sort(common_model.SortOrder.DESCENDING)
        )
    )
    if limits:
        panel.thresholds_style(
            common.GraphThresholdsStyleConfig().mode(common_model.GraphThresholdsStyleMode.DASHED)
        )
    for ref, each in zip(refs(len(series)), series, strict=True):
        panel.with_target(over_time(each.expression, each.legend, ref))
    for value, word in (words or {}).items():
        shown = model.DynamicConfigValue(id_val="displayName", value=word)
        panel.override_by_name(value, [shown])
    return panel


def page_of_text(title: str, description: str, markdown: str, *, size: Size) -> text.Panel:
    """A text in Markdown, which asks for nothing."""
    return (
        text.Panel()
        .title(title)
        .description(description)
        .span(size.width)
        .height(size.height)
        .mode(TextMode.MARKDOWN)
        .content(markdown)
    )
