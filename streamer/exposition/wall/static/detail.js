// How a number was counted: formula, milestones, sources, attribution, limits, history.

import { h, put } from "./dom.js";
import { now } from "./api.js";
import * as format from "./format.js";
import { chart, fitted } from "./chart.js";
import { points, RANGES } from "./history.js";
import { refusalOf } from "./problems.js";
import { shown } from "./overall.js";
import { isEnough, sampleOf } from "./sample.js";
import { reason } from "./reasons.js";
import { pick, t } from "./words.js";

// Only these come without the touch that they answer, and are attributed.
const WORDS = ["replied", "opted_out", "unsubscribed", "complained", "meeting"];
const CHANNELS = ["postal", "sms", "email", "phone", "linkedin"];

const part = (title, ...children) => h("section", {}, h("h3", { text: title }), ...children);
const list = (items) => h("ul", {}, items.map((item) => h("li", {}, item)));

// Follows the numbers for as long as it is open. `figure` is the count over all channels that was
// clicked, when it was one: it then stands above the KPI beside it.
export class Detail {
  constructor(view, name, figure = null) {
    this.name = name;
    this.figure = figure;
    this.trouble = h("div", { role: "status" });
    this.numbers = h("div", { class: "numbers" });
    this.history = new Evolution(view, view.facts.kpis[name], figure);
    this.elements = [this.trouble, this.numbers, this.history.element];
  }

  // `trouble` says why the numbers are not those of now, "" when they are.
  update(view, trouble) {
    put(this.trouble, trouble);
    this.trouble.className = trouble ? "warn" : "";
    const made = sections(view, this.name, this.figure).filter(Boolean);
    const old = [...this.numbers.children];
    // Only what differs: what is read or selected stays where it is.
    if (made.length !== old.length) this.numbers.replaceChildren(...made);
    else made.forEach((one, n) => one.outerHTML === old[n].outerHTML || old[n].replaceWith(one));
  }
}

function sections(view, name, figure) {
  const found = view.row(name);
  const row = view.sources.noData.has(name) ? { ...found, value: null } : found;
  const fact = view.facts.kpis[name];
  const { silent, sources } = view.context(fact);
  const head = figure ? shown(view, figure) : { value: format.value(row), silent };
  const isCount = Boolean(figure?.count);
  return [
    h("p", { class: "lead", text: isCount ? pick(view.facts.phrases[`all.${figure.count}`]) : pick(fact.help) }),
    h("p", { class: "big", "data-state": head.silent ? "silent" : "fine" },
      h("span", { class: "value", text: head.value }),
      h("span", { class: "parts", text: t(`over_${isCount ? view.window : row.window}`) }),
    ),
    head.silent ? h("p", { class: "warn", text: t("old_number") }) : null,
    absence(view, row, name),
    part(isCount ? `${pick(row.label)} : ${format.value(row)}` : t("formula"),
      isCount ? h("p", { text: pick(fact.help) }) : null,
      h("p", { class: "formula", text: pick(fact.formula) }), terms(row), h("p", { class: "quiet", text: t("distinct") })),
    counted(view, row, fact),
    sample(view, row, fact),
    limits(view, row, fact),
    attribution(view, row, fact),
    fedBy(fact, sources),
    leftOut(view, row),
  ];
}

function absence(view, row, name) {
  const cannot = view.sources.noData.get(name);
  return cannot ? h("p", { class: "warn", text: t("cannot", { why: reason(cannot) }) }) : null;
}

function terms(row) {
  const write = (value) =>
    row.unit === "seconds" ? format.duration(value) : /^[A-Z]{3}$/.test(row.unit) ? format.money(value, row.unit) : format.count(value);
  const items = [[t("numerator"), write(row.numerator)]];
  if (row.denominator !== null) items.push([t("denominator"), format.count(row.denominator)]);
  items.push([t("result"), format.value(row)]);
  return h("dl", { class: "terms" }, items.map(([title, text]) => h("div", {}, h("dt", { text: title }), h("dd", { text }))));
}

function counted(view, row, fact) {
  if (!fact.milestones.length) return null;
  const lines = fact.milestones.map(([channel, milestone]) => {
    const number = format.count(view.count(channel, milestone, row.window));
    return [h("strong", { text: number }), ` ${pick(view.facts.phrases[`${channel}.${milestone}`])} `, h("code", { text: `${channel}/${milestone}` })];
  });
  return part(t("counted"), list(lines));
}

function sample(view, row, fact) {
  const found = sampleOf(row, fact, view.facts.minimum);
  if (!found) return null;
  const d = format.count(row.denominator);
  const [low, high] = (found.interval ?? []).map(format.percent);
  const text = found.interval ? t("sample_text", { d, low, high }) : t("sample_window", { d });
  return part(t("sample"), h("p", { text }));
}

function limits(view, row, fact) {
  if (!fact.limits) return null;
  const { warning, critical, falling, source, url } = fact.limits;
  const values = { warning: format.percent(warning), critical: format.percent(critical) };
  const few = !isEnough(row, fact.limits, view.facts.minimum, view.count(row.channel, "sent", row.window));
  return part(
    t("threshold"),
    h("p", { text: `${t(falling ? "from_down" : "from_up", values)}. ${pick(source)} ` },
      url ? h("a", { href: url, rel: "noopener noreferrer", target: "_blank", text: t("read_more") }) : null),
    few ? h("p", { class: "quiet", text: t(fact.limits.least > 1 ? "not_judged_least" : "not_judged", { n: view.facts.minimum, least: fact.limits.least }) }) : null,
  );
}

function attribution(view, row, fact) {
  const asked = fact.milestones.filter(([, word]) => WORDS.includes(word));
  if (!asked.length || !view.milestones) return null;
  const lines = [];
  for (const [channel, word] of asked) {
    const what = (at) => pick(view.facts.phrases[`${at}.${word}`]);
    for (const at of channel === "all" ? CHANNELS : [channel]) {
      const found = view.milestones.attributed.find((one) => one.channel === at && one.milestone === word);
      if (found) lines.push(t("attributed", { n: format.count(found.value), what: what(at) }));
    }
    const waits = view.milestones.unattributed.find((one) => one.milestone === word);
    if (waits) lines.push(`${what(channel)} : ${t(channel === "all" ? "unattributed_all" : "unattributed", { n: format.count(waits.value) })}`);
  }
  return part(t("attribution"), lines.length ? list(lines) : h("p", { text: t("all_named") }));
}

function fedBy(fact, sources) {
  const feeding = sources.feeding(fact.feeds.flat());
  if (!feeding.length) return null;
  const lines = feeding.map((source) => {
    const age = format.ago((now() - sources.last(source)) / 1000);
    return [h("code", { text: source.source }), ` ${t(source.isByHand ? "by_hand" : sources.isSilent(source) ? "silent" : "last_event", { ago: age })}`];
  });
  return part(t("fed_by"), list(lines));
}

function leftOut(view, row) {
  const out = view.milestones?.cost_left_out ?? [];
  if (!/^[A-Z]{3}$/.test(row.unit) || !out.length) return null;
  const what = out.map(({ currency, value }) => format.money(value, currency)).join(", ");
  return h("p", { class: "warn", text: t("left_out", { what }) });
}

class Evolution {
  constructor(view, fact, figure) {
    const first = figure?.count ? ["all", figure.count] : fact.series;
    this.view = view;
    this.series = [first, ...fact.milestones.filter((one) => one.join() !== first.join())].slice(0, 2);
    this.place = h("div", { class: "plot" });
    this.buttons = Object.keys(RANGES).map((range) =>
      h("button", { type: "button", "aria-pressed": "false", value: range, text: t(`range_${range}`), on: { click: () => this.show(range) } }));
    this.element = part(t("history"), h("div", { class: "segments small", role: "group", "aria-label": t("history") }, this.buttons), this.place);
    this.element.classList.add("evolution");
    this.show("24h");
  }

  async show(range = this.range) {
    this.range = range;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.value === range));
    try {
      const found = await Promise.all(this.series.map(([channel, word]) => points(channel, word, RANGES[range])));
      if (range === this.range) this.place.replaceChildren(...plot(this.view, this.series, found, range));
    } catch (error) {
      this.place.replaceChildren(h("p", { class: "quiet", text: refusalOf(error) }));
    }
  }
}

// A chart with its legend; it is described in words for those who do not see it.
export function plot(view, series, found, range) {
  const names = series.map(([channel, word]) => pick(view.facts.phrases[`${channel}.${word}`]));
  const step = format.span(RANGES[range].step);
  const tick = RANGES[range].seconds > 86_400 ? format.shortDay : format.hour;
  const told = names.map((what, n) => {
    const counts = found[n].map(([, count]) => count);
    return t("chart_label", {
      what, range: t(`range_${range}`), per: t("per", { step }),
      total: format.count(counts.reduce((a, b) => a + b, 0)), max: format.count(Math.max(...counts)),
    });
  });
  return [
    fitted(told.join(". "), (width, letter) => chart({ series: found, tick, label: format.count, width, letter })),
    h("p", { class: "key" }, names.map((text, n) => h("span", { class: `key-${n}`, text })), h("span", { class: "quiet", text: t("per", { step }) })),
  ];
}
