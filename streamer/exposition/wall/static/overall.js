// The row over all channels: what the campaign brings and what it costs, in the largest numbers.

import { flag, h, put } from "./dom.js";
import * as format from "./format.js";
import { spark } from "./chart.js";
import { shortly } from "./reasons.js";
import { t } from "./words.js";

const FIGURES = [
  { id: "meeting", kpi: "all.meeting_rate", count: "meeting" },
  { id: "customer", kpi: "all.lead_conversion", count: "customer" },
  { id: "cac", kpi: "all.cac" },
  { id: "cost", kpi: "all.cost_per_meeting" },
  { id: "reactivity", kpi: "all.reactivity" },
];

// What a figure shows: its text, its KPI, and what makes it doubtful.
export function shown(view, figure) {
  const fact = view.facts.kpis[figure.kpi];
  const cannot = view.sources.noData.get(figure.kpi);
  const found = view.row(figure.kpi);
  const row = cannot ? { ...found, value: null } : found;
  // A count of what nothing can tell is no zero.
  const isFed = figure.count ? view.isFed("all", figure.count) || !cannot : true;
  const count = () => (isFed ? format.count(view.count("all", figure.count, view.window)) : format.NONE);
  return {
    row, cannot, isFed,
    value: figure.count ? count() : format.value(row),
    silent: figure.count ? view.sources.missing("all", figure.count).length > 0 : view.sources.silences(fact),
  };
}

export class Overall {
  constructor(facts, open) {
    this.facts = facts;
    this.figures = FIGURES.map((figure) => {
      const parts = {
        label: h("span", { class: "label" }),
        value: h("span", { class: "value" }),
        parts: h("span", { class: "parts" }),
        picture: h("span", { class: "picture" }),
      };
      const element = h(
        "button",
        { class: "figure", type: "button", "data-kpi": figure.kpi, "data-figure": figure.id, on: { click: () => open(figure.kpi, figure) } },
        ...Object.values(parts),
      );
      return { ...figure, ...parts, element, fact: facts.kpis[figure.kpi] };
    });
    this.element = h("div", { class: "figures" }, this.figures.map((figure) => figure.element));
  }

  update(view) {
    for (const figure of this.figures) {
      const { row, cannot, isFed, value, silent } = shown(view, figure);
      put(figure.label, t(`g_${figure.id}`));
      put(figure.value, value);
      figure.value.classList.toggle("long", value.length > 6);
      const isNone = value === format.NONE;
      const told = isFed ? SENTENCES[figure.id](view, row) : "";
      put(figure.parts, isNone ? (cannot ? shortly(cannot) : told || t("no_value")) : silent ? `${told} · ${t("grey_tile")}` : told);
      flag(figure.element, "data-state", isNone ? (cannot ? "unfed" : "none") : silent ? "silent" : "fine");
    }
  }

  draw(name, points) {
    for (const figure of this.figures)
      if (figure.kpi === name) figure.picture.replaceChildren(spark(points, 240, 40));
  }
}

const whole = (view, text) => (view.window === "campaign" ? text : `${text} · ${t("over_campaign")}`);

const SENTENCES = {
  meeting: (view, row) => {
    const canceled = view.count("all", "meeting_canceled", view.window);
    const rate = row.value === null ? "" : t("of_contacted", { rate: format.percent(row.value), n: format.count(row.denominator) });
    return [rate, canceled ? t("canceled", { n: format.count(canceled) }) : ""].filter(Boolean).join(" · ");
  },
  customer: (_, row) =>
    row.value === null ? "" : t("of_leads", { rate: format.percent(row.value), n: format.count(row.denominator) }),
  cac: (view, row) =>
    row.numerator === null ? "" : whole(view, t("for_customers", { cost: format.money(row.numerator, row.unit), n: format.count(row.denominator) })),
  cost: (view, row) =>
    row.numerator === null ? "" : whole(view, t("for_meetings", { cost: format.money(row.numerator, row.unit), n: format.count(row.denominator) })),
  reactivity: (view, row) => {
    const delay = view.row("all.reactivity_delay");
    const parts = row.value === null ? "" : t("of", { n: format.count(row.numerator), d: format.count(row.denominator) });
    const time = delay?.value === null ? t("no_delay") : t("answer_in", { delay: format.duration(delay.value) });
    return [parts, time].filter(Boolean).join(" · ");
  },
};
