// How a number was counted: formula, milestones, sources, attribution, limits, history.

import { h } from "./dom.js";
import { now } from "./api.js";
import * as format from "./format.js";
import { chart } from "./chart.js";
import { points, RANGES } from "./history.js";
import { refusalOf } from "./problems.js";
import { sampleOf } from "./sample.js";
import { reason } from "./reasons.js";
import { pick, t } from "./words.js";

// Only these come without the touch that they answer, and are attributed.
const WORDS = ["replied", "opted_out", "unsubscribed", "complained", "meeting"];

const part = (title, ...children) => h("section", {}, h("h3", { text: title }), ...children);
const list = (items) => h("ul", {}, items.map((item) => h("li", {}, item)));

export function detail(view, name) {
  const found = view.row(name);
  const row = view.sources.noData.has(name) ? { ...found, value: null } : found;
  const fact = view.facts.kpis[name];
  const context = view.context(fact);
  return [
    h("p", { class: "lead", text: pick(fact.help) }),
    h("p", { class: "big" },
      h("span", { class: "value", text: format.value(row) }),
      h("span", { class: "parts", text: t(`over_${row.window}`) }),
    ),
    absence(view, row, name),
    part(t("formula"), h("p", { class: "formula", text: pick(fact.formula) }), terms(row), h("p", { class: "quiet", text: t("distinct") })),
    counted(view, row, fact),
    sample(view, row, fact),
    limits(view, row, fact),
    attribution(view, row, fact),
    fedBy(fact, context.sources),
    leftOut(view, row),
    evolution(view, fact),
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
  const few = row.denominator !== null && row.denominator < view.facts.minimum;
  return part(
    t("threshold"),
    h("p", { text: `${t(falling ? "from_down" : "from_up", values)}. ${pick(source)} ` },
      url ? h("a", { href: url, rel: "noopener noreferrer", target: "_blank", text: t("read_more") }) : null),
    few ? h("p", { class: "quiet", text: t("not_judged", { n: view.facts.minimum }) }) : null,
  );
}

function attribution(view, row, fact) {
  const asked = fact.milestones.filter(([channel, word]) => channel !== "all" && WORDS.includes(word));
  if (!asked.length || !view.milestones) return null;
  const lines = [];
  for (const [channel, word] of asked) {
    const found = view.milestones.attributed.find((one) => one.channel === channel && one.milestone === word);
    const waits = view.milestones.unattributed.find((one) => one.milestone === word);
    const what = pick(view.facts.phrases[`${channel}.${word}`]);
    if (found) lines.push(t("attributed", { n: format.count(found.value), what }));
    if (waits) lines.push(`${what} : ${t("unattributed", { n: format.count(waits.value) })}`);
  }
  return part(t("attribution"), lines.length ? list(lines) : h("p", { text: t("all_named") }));
}

function fedBy(fact, sources) {
  const feeding = sources.feeding(fact.feeds.flat());
  if (!feeding.length) return null;
  const lines = feeding.map((source) => {
    const age = format.ago((now() - source.last) / 1000);
    return [h("code", { text: source.source }), ` ${t(sources.isSilent(source) ? "silent" : "last_event", { ago: age })}`];
  });
  return part(t("fed_by"), list(lines));
}

function leftOut(view, row) {
  const out = view.milestones?.cost_left_out ?? [];
  if (!/^[A-Z]{3}$/.test(row.unit) || !out.length) return null;
  const what = out.map(({ currency, value }) => format.money(value, currency)).join(", ");
  return h("p", { class: "warn", text: t("left_out", { what }) });
}

function evolution(view, fact) {
  const series = [fact.series, ...fact.milestones.filter((one) => one.join() !== fact.series.join())].slice(0, 2);
  const place = h("div", { class: "plot" });
  const buttons = Object.keys(RANGES).map((range) =>
    h("button", { type: "button", "aria-pressed": "false", text: t(`range_${range}`), on: { click: () => show(range) } }),
  );
  async function show(range) {
    Object.keys(RANGES).forEach((one, n) => buttons[n].setAttribute("aria-pressed", String(one === range)));
    try {
      const found = await Promise.all(series.map(([channel, word]) => points(channel, word, RANGES[range])));
      place.replaceChildren(...plot(view, series, found, range));
    } catch (error) {
      place.replaceChildren(h("p", { class: "quiet", text: refusalOf(error) }));
    }
  }
  show("24h");
  return part(t("history"), h("div", { class: "segments small", role: "group", "aria-label": t("history") }, buttons), place);
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
    h("div", { role: "img", "aria-label": told.join(". ") }, chart({ series: found, tick, label: format.count })),
    h("p", { class: "key" }, names.map((text, n) => h("span", { class: `key-${n}`, text })), h("span", { class: "quiet", text: t("per", { step }) })),
  ];
}
