// What will be counted if an entry is saved, about whom, in words: read before it is saved.

import { writeAmount } from "./amount.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { pick, t } from "./words.js";

const line = (text, kind = null) => h("p", { class: kind, text });
const at = (entry) => t("at_time", { time: format.full(Date.parse(entry.time)) });

function price(amount, currency) {
  return writeAmount(amount, (currency || "EUR").toUpperCase());
}

const KINDS = {
  cost: (entry, facts, plan) => [
    line(t(entry.amount.startsWith("-") ? "sum_credit" : "sum_cost", { amount: price(entry.amount.replace("-", ""), entry.currency || plan?.currency) }), "lead"),
    line(`${entry.channel ? t("sum_channel", { channel: pick(facts.channels[entry.channel]) }) : t("sum_no_channel")} ${at(entry)}`),
  ],
  negative: (entry, facts) => [
    line(t("sum_negative", { who: entry.subject, channel: pick(facts.channels[entry.channel]) }), "lead"),
    line(`${at(entry)} ${t("negative_hint")}`),
  ],
  meeting: (entry) => [line(t("sum_meeting", { who: entry.subject }), "lead"), line(`${at(entry)} ${t("meeting_hint")}`)],
  won: (entry) => [line(t("sum_won", { who: entry.subject }), "lead"), line(`${at(entry)} ${t("won_hint")}`)],
  plan: ({ plan }, facts) => [
    h("dl", { class: "terms" }, planned(plan, facts).map(([title, text]) => h("div", {}, h("dt", { text: title }), h("dd", { text })))),
    line(t("plan_replaces")),
  ],
};

function planned(plan, facts) {
  const rows = [];
  if (plan.name) rows.push([t("f_name"), plan.name]);
  for (const [channel, number] of Object.entries(plan.planned ?? {}))
    rows.push([t("f_planned", { channel: pick(facts.channels[channel]) }), format.count(number)]);
  if (plan.cost) rows.push([t("f_cost"), price(plan.cost, plan.currency)]);
  else if (plan.currency) rows.push([t("f_currency"), plan.currency]);
  if (plan.key_questions !== undefined) rows.push([t("f_key_questions"), format.count(plan.key_questions)]);
  for (const name of ["start", "end"]) if (plan[name]) rows.push([t(`f_${name}`), written(plan[name])]);
  if (plan.time_zone) rows.push([t("f_time_zone"), plan.time_zone]);
  return rows;
}

// A bare date is a day of the calendar, wherever the reader is: noon UTC is that day nearly everywhere.
const written = (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? format.day(Date.parse(`${text}T12:00:00Z`)) : text);

// The paragraphs about an entry.
export const summary = (entry, facts, plan) => KINDS[entry.kind](entry, facts, plan);
