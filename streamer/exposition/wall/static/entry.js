// The form of whoever runs the campaign: each entry becomes an event like any other.

import { get, now, post, read, Refusal, segment } from "./api.js";
import { plainAmount, readAmount, writeAmount } from "./amount.js";
import { dialog } from "./chrome.js";
import { h, put } from "./dom.js";
import { fieldOf, problemOf, refusalOf } from "./problems.js";
import { summary } from "./summary.js";
import { pick, t } from "./words.js";

const CHANNELS = ["postal", "sms", "email", "phone", "linkedin"];
// A call has no reply.
const REPLIED = CHANNELS.filter((name) => name !== "phone");
const KINDS = ["plan", "cost", "negative", "meeting", "won"];
const AMOUNTS = ["amount", "cost"];

// The same entry sent again has the same id, so that it counts once.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

let fields = 0;
function field(name, label, properties = {}) {
  const id = `field-${++fields}`;
  const input = h("input", { id, name, autocomplete: "off", ...properties });
  return h("p", { class: "field", "data-field": name }, h("label", { for: id, text: label }), input);
}

function choice(name, label, options, required) {
  const id = `field-${++fields}`;
  const select = h("select", { id, name, required }, options.map(([value, text]) => h("option", { value, text })));
  return h("p", { class: "field", "data-field": name }, h("label", { for: id, text: label }), select);
}

function local(milliseconds) {
  const date = new Date(milliseconds);
  return new Date(milliseconds - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

// What a sum is understood to be stands below it while it is typed.
function money(name, label, currency, value) {
  const made = field(name, label, { inputmode: "decimal", required: name === "amount", value });
  const meant = h("span", { class: "quiet", "data-meant": name });
  const input = made.querySelector("input");
  const tell = () => {
    const amount = input.value.trim() && readAmount(input.value);
    put(meant, amount ? t("understood", { amount: writeAmount(amount, currency().toUpperCase()) }) : "");
  };
  made.append(meant);
  made.tell = tell;
  input.addEventListener("input", tell);
  return made;
}

// A sum beside its currency; a currency that is not given is the plan's.
function priced(name, label, plan, value, chosen) {
  const currency = field("currency", t("f_currency"), { maxlength: 3, placeholder: "EUR", value: chosen });
  const input = currency.querySelector("input");
  const sum = money(name, label, () => input.value.trim() || plan?.currency || "EUR", value);
  input.addEventListener("input", sum.tell);
  sum.tell();
  return [sum, currency];
}

// A date with an hour of its own, as a plan put by other means may have, stays a text.
const date = (name, label, value) =>
  field(name, label, { type: !value || /^\d{4}-\d\d-\d\d$/.test(value) ? "date" : "text", value });

function person() {
  const made = field("subject", t("f_subject"), { required: true });
  made.append(h("span", { class: "quiet", text: t("subject_hint") }));
  return made;
}

const when = () => field("time", t("f_time"), { type: "datetime-local", step: 1, required: true, value: local(now()) });
const hint = (key) => h("p", { class: "quiet", text: t(key) });

// No channel is chosen for anybody: unless it may lack it must be.
function channels(facts, names, mayLack) {
  const options = names.map((name) => [name, pick(facts.channels[name])]);
  return choice("channel", t("f_channel"), [["", t(mayLack ? "f_no_channel" : "f_choose")], ...options], !mayLack);
}

const FORMS = {
  plan: (facts, plan) => [
    hint("plan_replaces"),
    field("name", t("f_name"), { value: plan?.name }),
    h("div", { class: "columns" }, CHANNELS.map((name) =>
      field(`planned.${name}`, t("f_planned", { channel: pick(facts.channels[name]) }), { type: "number", min: 0, step: 1, value: plan?.planned?.[name] }))),
    h("div", { class: "columns" },
      priced("cost", t("f_cost"), plan, costOf(plan), plan?.currency),
      field("key_questions", t("f_key_questions"), { type: "number", min: 0, step: 1, value: plan?.key_questions })),
    h("div", { class: "columns" },
      date("start", t("f_start"), plan?.start),
      date("end", t("f_end"), plan?.end),
      field("time_zone", t("f_time_zone"), { value: plan?.time_zone, placeholder: "Europe/Paris" })),
  ],
  cost: (facts, plan) => [
    h("div", { class: "columns" }, priced("amount", t("f_amount"), plan, undefined, plan?.currency ?? "EUR")),
    channels(facts, CHANNELS, true), when(),
  ],
  negative: (facts) => [channels(facts, REPLIED), person(), when(), hint("negative_hint")],
  meeting: () => [person(), when(), hint("meeting_hint")],
  won: () => [person(), when(), hint("won_hint")],
};

function costOf(plan) {
  if (plan?.cost === undefined || plan.cost === null) return undefined;
  const plain = plainAmount(plan.cost);
  return /^[+-]?\d+(\.\d+)?$/.test(plain) ? writeAmount(plain.replace("+", "")) : plain;
}

// What is sent for a form: its fields that are filled in.
export function entryOf(kind, values, id) {
  const filled = Object.fromEntries([...values].map(([name, text]) => [name, text.trim()]).filter(([, text]) => text));
  const errors = AMOUNTS.filter((name) => filled[name]).flatMap((name) => {
    const amount = readAmount(filled[name]);
    if (amount === null) return [{ field: name, reason: "" }];
    filled[name] = amount;
    return [];
  });
  if (filled.start && filled.end && filled.end < filled.start) errors.push({ field: "end", reason: "is before the start" });
  if (errors.length) throw new Refusal(400, { errors });
  if (kind !== "plan") {
    if (filled.time) filled.time = new Date(filled.time).toISOString();
    return { kind, id, ...filled };
  }
  const plan = {};
  for (const [name, text] of Object.entries(filled)) {
    if (name.startsWith("planned.")) (plan.planned ??= {})[name.slice(8)] = Number(text);
    else plan[name] = name === "key_questions" ? Number(text) : text;
  }
  return { kind, plan };
}

function clear(form) {
  for (const place of form.querySelectorAll(".problem")) place.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
}

// Each reason at its field, and what is at no field in the status.
function complain(form, say, error) {
  if (!(error instanceof Refusal)) return say("bad", t("try_again"));
  const loose = [];
  for (const one of error.errors) {
    const text = problemOf(one);
    const input = form.querySelector(`[data-field="${CSS.escape(fieldOf(one))}"] :is(input, select)`);
    if (!input) loose.push(text);
    else {
      const id = `${input.id}-problem`;
      input.parentElement.append(h("span", { class: "problem", id, text }));
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", id);
    }
  }
  form.querySelector("[aria-invalid]")?.focus();
  const detail = error.errors.length ? loose.join(" ") || t("see_fields") : refusalOf(error);
  return say("bad", t("not_saved", { detail }));
}

// Fill in, read what will be counted, save: what is counted is kept for ever.
function form(kind, facts, plan) {
  let id = newId();
  const status = h("p", { class: "status", role: "status" });
  const review = h("div", { class: "review", hidden: true, tabindex: "-1" });
  const made = h("form", { "data-kind": kind }, FORMS[kind](facts, plan), h("p", { class: "actions" }, h("button", { type: "submit", class: "primary", text: t("check") })));
  const say = (mood, text) => {
    status.textContent = text;
    status.dataset.kind = mood;
  };
  const edit = () => {
    made.hidden = false;
    review.hidden = true;
  };
  // Another content is another entry.
  made.addEventListener("input", () => { id = newId(); });
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    clear(made);
    say("", "");
    try {
      look(entryOf(kind, new FormData(made), id));
    } catch (error) {
      complain(made, say, error);
    }
  });

  function look(entry) {
    const save = h("button", { type: "button", class: "primary", text: t("save"), on: { click: () => send(entry, save) } });
    review.replaceChildren(
      h("h3", { text: t("review") }), ...summary(entry, facts, plan),
      h("p", { class: "actions" }, save, h("button", { type: "button", class: "plain", text: t("correct"), on: { click: () => { say("", ""); edit(); } } })));
    made.hidden = true;
    review.hidden = false;
    review.focus();
  }

  async function send(entry, button) {
    button.disabled = true;
    say("", t("saving"));
    try {
      const event = await post(`/wall/${segment()}/entries`, entry);
      const isHashed = entry.subject !== undefined && event.subject !== entry.subject && !entry.subject.startsWith("id:");
      say("good", [t("saved"), isHashed ? t("saved_hashed") : ""].join(" ").trim());
      review.replaceChildren(...summary(entry, facts, plan));
      id = newId();
    } catch (error) {
      if (error instanceof Refusal) edit();
      complain(made, say, error);
      button.disabled = false;
    }
  }
  return [made, review, status];
}

// `known` is the plan as the page has it: in its currency a cost is entered.
export async function openEntry(facts, name, known) {
  const place = h("div", { class: "form-place" });
  const buttons = KINDS.map((kind) =>
    h("button", { type: "button", text: t(`e_${kind}`), "aria-pressed": "false", on: { click: () => choose(kind) } }));
  let plan = known;
  async function choose(kind) {
    KINDS.forEach((one, n) => buttons[n].setAttribute("aria-pressed", String(one === kind)));
    if (kind === "plan") {
      try {
        plan = (await get(read(""))).plan;
      } catch (error) {
        // Saving over a plan that was not read would wipe it; a campaign without events has none.
        if (error.status !== 404) return place.replaceChildren(h("p", { class: "warn", text: t("plan_unread") }));
      }
    }
    place.replaceChildren(...form(kind, facts, plan));
    place.querySelector("input, select")?.focus();
  }
  const lead = h("p", { class: "quiet", text: t("entry_lead", { source: `/wall/${name}` }) });
  dialog(t("entry"), [lead, h("div", { class: "kinds", role: "group", "aria-label": t("entry") }, buttons), place], "entry");
  await choose("cost");
}
