"""The alert rules and their runbooks as texts for a page.

Owns how they are written down. The rules are Prometheus's, the runbooks are the documentation's.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from grafana.words import CHANNELS, SEVERITIES
from streamer.kpis.catalogue import CATALOGUE
from streamer.kpis.drift import WATCHES
from streamer.kpis.limits import LIMITS, MINIMUM_SENT

_ROOT: Final = Path(__file__).parents[1]
_RULES: Final = _ROOT / "grafana" / "prometheus" / "rules"
RUNBOOKS: Final = _ROOT / "streamer" / "docs" / "runbooks.md"

_LABELS: Final[Mapping[tuple[str, str], str]] = {
    (kpi.channel, kpi.id): kpi.label.fr for kpi in CATALOGUE
}


def alerts() -> Iterator[dict[str, Any]]:
    """The alert rules that warn somebody, in the order of their files.

    One of severity `none` only holds others back.
    """
    for path in sorted(_RULES.glob("*.yml")):
        groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        rules = (rule for group in groups for rule in group["rules"] if "alert" in rule)
        yield from (rule for rule in rules if rule["labels"]["severity"] != "none")


def alert_table() -> str:
    """The alert rules in Markdown: when each fires, and what to do then."""
    lines = ["| alerte | gravité | condition | pendant | que faire |", "|---|---|---|---|---|"]
    lines += [
        f"| {rule['alert']} | {SEVERITIES[rule['labels']['severity']]} | `{_cell(rule['expr'])}` "
        f"| {rule.get('for', '0s')} | {_cell(rule['annotations']['action_fr'])} |"
        for rule in alerts()
    ]
    return "\n".join(lines)


def limit_table() -> str:
    """What colours a KPI and what is watched for drift, in Markdown."""
    lines = ["| canal | KPI | à surveiller | critique |", "|---|---|---|---|"]
    for (channel, kpi), limits in LIMITS.items():
        sign = "<" if limits.falling else "≥"
        lines.append(
            f"| {CHANNELS[channel]} | {_LABELS[channel, kpi]} "
            f"| {sign} {_percent(limits.warning)} | {sign} {_percent(limits.critical)} |"
        )
    lines += [
        "",
        f"Les alertes ne jugent une fenêtre qu'à partir de {MINIMUM_SENT} envois.",
        "",
        "| dérive surveillée | KPI | sain | dégradé |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {CHANNELS[watch.channel]} | {_LABELS[watch.channel, watch.kpi]} "
        f"| {_percent(watch.healthy)} | {_percent(watch.drifted)} |"
        for watch in WATCHES
    ]
    lines += ["", "Taux et bornes par défaut : STREAMER_DRIFT peut en choisir d'autres."]
    return "\n".join(lines)


def section(anchor: str) -> str:
    """The section of the runbooks with that anchor, in Markdown; KeyError when there is none.

    Links to other pages of the documentation are left as words: they lead nowhere from here.
    """
    text = RUNBOOKS.read_text(encoding="utf-8")
    for found in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = found.partition("\n")
        if title.strip().lower().replace(" ", "-") == anchor:
            words = re.sub(r"\[([^\]]+)\]\((?!https?://)[^)]*\)", r"\1", body)
            return f"## {title}\n{words.strip()}"
    raise KeyError(anchor)


def _cell(text: str) -> str:
    """A text that may stand in a table: on one line, without the table's own sign."""
    return " ".join(re.sub(r"\{\{.*?\}\}", "…", text).split()).replace("|", "\\|")


def _percent(share: float) -> str:
    """A share as French writes it."""
    return f"{share * 100:.2f}".rstrip("0").rstrip(".").replace(".", ",") + " %"
