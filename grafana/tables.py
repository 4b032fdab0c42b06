"""Panels that are tables and time lines: what many things share, one line each.

Owns how queries become the columns of one table. Never decides which numbers are shown.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from grafana_foundation_sdk.builders import common, dashboard, statetimeline, table
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model

from grafana.panels import BAD, DOUBTFUL, NO_VALUE, Size, coloured, refs, said
from grafana.queries import SOURCE, in_columns, over_time
from streamer.kpis.limits import Limits

# In milliseconds since 1970: « 5 minutes ago », in the reader's language.
AGO: Final = "dateTimeFromNow"


class Key(NamedTuple):
    """A label that is a column; `words` stand for its values, `link` is where a click leads."""

    label: str
    title: str
    words: Mapping[str, str] | None = None
    link: str = ""


class Column(NamedTuple):
    """A query whose values are a column; `unit` is Grafana's."""

    title: str
    expression: str
    unit: str
    limits: Limits | None = None


def columns(
    title: str,
    description: str,
    keys: Sequence[Key],
    shown: Sequence[Column],
    *,
    size: Size,
    first: str = "",
) -> table.Panel:
    """A table with a line for each value of the keys, the greatest of column `first` on top."""
    names = refs(len(shown))
    # A single query has a column that no letter tells apart.
    values = ["Value"] if len(shown) == 1 else [f"Value #{ref}" for ref in names]
    order = [*(key.label for key in keys), *values]
    renamed = {
        **{key.label: key.title for key in keys},
        **{value: column.title for value, column in zip(values, shown, strict=True)},
    }
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .span(size.width)
        .height(size.height)
        .no_value(NO_VALUE)
        .unit("none")
        .with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(
            model.DataTransformerConfig(
                id_val="organize",
                options={
                    "excludeByName": {"Time": True},
                    "indexByName": {field: place for place, field in enumerate(order)},
                    "renameByName": renamed,
                },
            )
        )
    )
    if first:
        panel.sort_by([common.TableSortByFieldState().display_name(first).desc(desc=True)])
    for key in keys:
        panel.override_by_name(key.title, _of_key(key))
    for ref, column in zip(names, shown, strict=True):
        panel.with_target(in_columns(column.expression, ref))
        panel.override_by_name(column.title, _of_column(column))
    return panel


def _of_key(key: Key) -> list[model.DynamicConfigValue]:
    found = []
    if key.words:
        found.append(model.DynamicConfigValue(id_val="mappings", value=said(key.words)))
    if key.link:
        link = {"title": key.title, "url": key.link}
        found.append(model.DynamicConfigValue(id_val="links", value=[link]))
    return found


def _of_column(column: Column) -> list[model.DynamicConfigValue]:
    found = [model.DynamicConfigValue(id_val="unit", value=column.unit)]
    if column.unit == "percentunit":
        found.append(model.DynamicConfigValue(id_val="decimals", value=1))
    if column.limits:
        found += [
            model.DynamicConfigValue(id_val="thresholds", value=coloured(column.limits).build()),
            model.DynamicConfigValue(id_val="color", value={"mode": "thresholds"}),
            model.DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}),
        ]
    return found


def time_line(
    title: str, description: str, expression: str, legend: str, *, size: Size
) -> statetimeline.Panel:
    """When something held: 1 is shown as doubtful, 2 as bad, nothing where it did not."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .span(size.width)
        .height(size.height)
        .with_target(over_time(expression, legend))
        .unit("none")
        .no_value(NO_VALUE)
        .row_height(0.8)
        .show_value(common_model.VisibilityMode.NEVER)
        .merge_values(merge_values=True)
        .color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(
            dashboard.ThresholdsConfig()
            .mode(model.ThresholdsMode.ABSOLUTE)
            .steps([model.Threshold(color=DOUBTFUL), model.Threshold(value=2, color=BAD)])
        )
        .legend(common.VizLegendOptions().show_legend(show_legend=False))
    )
