// The calls by sales rep, in the window chosen.

import { h } from "./dom.js";
import * as format from "./format.js";
import { pick, t } from "./words.js";

const least = (part, whole) => (whole ? part / whole : null);

export function reps(view) {
  const found = new Map();
  const of = (rep) => found.get(rep) ?? found.set(rep, { made: 0, connected: 0, meeting: 0, seconds: 0 }).get(rep);
  for (const row of view.milestones?.rep_milestones ?? [])
    if (row.window === view.window) of(row.rep)[row.milestone] = row.value;
  for (const row of view.milestones?.rep_seconds ?? [])
    if (row.window === view.window) of(row.rep).seconds = row.value;
  if (!found.size) return h("p", { class: "quiet", text: t("no_reps", { over: t(`over_${view.window}`) }) });

  const name = (id) => pick(view.facts.reps.find((row) => row.id === id).label);
  const columns = [
    [name("made"), (rep) => format.count(rep.made)],
    [name("connected"), (rep) => format.count(rep.connected)],
    [t("rep_rate"), (rep) => format.percent(least(rep.connected, rep.made))],
    [name("meeting"), (rep) => format.count(rep.meeting), "strong"],
    [t("rep_conversion"), (rep) => format.percent(least(rep.meeting, rep.connected))],
    [name("seconds"), (rep) => format.duration(rep.seconds)],
  ];
  const rows = [...found].sort(
    ([a, x], [b, y]) => y.meeting - x.meeting || y.connected - x.connected || a.localeCompare(b),
  );
  return h(
    "table",
    { class: "reps" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col", text: t("rep") }), columns.map(([title]) => h("th", { scope: "col", text: title })))),
    h("tbody", {}, rows.map(([rep, numbers]) =>
      h("tr", {}, h("th", { scope: "row", text: rep }), columns.map(([, show, kind]) => h("td", { class: kind, text: show(numbers) }))),
    )),
  );
}
