// One KPI: its value, what it is made of, its movement, and everything that makes it doubtful.

import { flag, h, put } from "./dom.js";
import * as format from "./format.js";
import { spark } from "./chart.js";
import { judge, sampleOf } from "./sample.js";
import { shortly } from "./reasons.js";
import { pick, t } from "./words.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Tile {
  constructor(channel, kpi, fact, open) {
    this.name = `${channel}.${kpi}`;
    this.fact = fact;
    this.label = h("span", { class: "label" });
    this.value = h("span", { class: "value" });
    this.parts = h("span", { class: "parts" });
    this.note = h("span", { class: "note" });
    this.picture = h("span", { class: "picture" });
    this.element = h(
      "button",
      { class: "tile", type: "button", "data-kpi": this.name, on: { click: () => open(this.name) } },
      this.label, this.picture, this.value, this.parts, this.note,
    );
  }

  // `row` is the KPI in its window, `context` what the page knows beside it.
  update(row, { noData, silent, minimum, window, sent }) {
    const cannot = noData.get(this.name);
    // What nothing can feed is no zero, nor any other number.
    if (cannot) row = { ...row, value: null };
    const verdict = judge(row, this.fact.limits, minimum, sent(row));
    const sample = sampleOf(row, this.fact, minimum);
    const text = format.value(row);
    const before = this.value.textContent;
    put(this.label, pick(row.label));
    if (put(this.value, text) && before && !still.matches)
      this.value.animate([{ boxShadow: "0 2px 0 var(--accent)" }, { boxShadow: "0 2px 0 transparent" }], 900);
    put(this.parts, this.made(row));
    put(this.note, this.remark(row, { cannot, verdict, sample, silent, window }));
    const state = row.value === null ? (cannot ? "unfed" : "none") : silent ? "silent" : "fine";
    flag(this.element, "data-state", state);
    flag(this.element, "data-verdict", silent ? null : verdict);
    flag(this.element, "data-small", sample ? "" : null);
  }

  made(row) {
    if (row.value === null || row.denominator === null) return "";
    const above =
      row.unit === "seconds"
        ? format.duration(row.numerator)
        : /^[A-Z]{3}$/.test(row.unit)
          ? format.money(row.numerator, row.unit)
          : format.count(row.numerator);
    return t("of", { n: above, d: format.count(row.denominator) });
  }

  remark(row, { cannot, verdict, sample, silent, window }) {
    if (row.value === null) return this.absence(row, cannot);
    const said = [];
    if (silent) said.push(t("grey_tile"));
    else if (verdict && verdict !== "good") said.push(t(verdict));
    if (sample) {
      said.push(t("small"));
      if (sample.interval) {
        const [low, high] = sample.interval.map(format.percent);
        said.push(t("interval", { low, high }));
      }
    }
    if (row.window !== window) said.push(t("over_campaign"));
    return said.join(" · ");
  }

  absence(row, cannot) {
    if (cannot) return shortly(cannot);
    if (row.denominator === 0) {
      const below = pick(this.fact.formula).split(" ÷ ").at(-1);
      return t("no_base", { what: below });
    }
    return t("no_value");
  }

  draw(points) {
    this.picture.replaceChildren(...(points ? [spark(points)] : []));
  }
}
