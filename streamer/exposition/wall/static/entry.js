// The form of whoever runs the campaign: each entry becomes an event like any other.

import { get, now, post, read, Refusal } from "./api.js";
import { dialog } from "./chrome.js";
import { h } from "./dom.js";
import { segment } from "./api.js";
import { pick, t } from "./words.js";

const CHANNELS = ["postal", "sms", "email", "phone", "linkedin"];
const KINDS = ["plan", "cost", "negative", "meeting", "won"];

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

function choice(name, label, options) {
  const id = `field-${++fields}`;
  const select = h("select", { id, name }, options.map(([value, text]) => h("option", { value, text })));
  return h("p", { class: "field", "data-field": name }, h("label", { for: id, text: label }), select);
}

function local(milliseconds) {
  const date = new Date(milliseconds);
  return new Date(milliseconds - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

const when = () => field("time", t("f_time"), { type: "datetime-local", step: 1, required: true, value: local(now()) });
const hint = (key) => h("p", { class: "quiet", text: t(key) });

function channels(facts, names, none) {
  const options = names.map((name) => [name, pick(facts.channels[name])]);
  return choice("channel", t("f_channel"), none ? [["", t("f_no_channel")], ...options] : options);
}

const FORMS = {
  plan: (facts, plan) => [
    hint("plan_replaces"),
    field("name", t("f_name"), { value: plan?.name }),
    h("div", { class: "columns" }, CHANNELS.map((name) =>
      field(`planned.${name}`, t("f_planned", { channel: pick(facts.channels[name]) }), { type: "number", min: 0, step: 1, value: plan?.planned?.[name] }))),
    h("div", { class: "columns" },
      field("cost", t("f_cost"), { inputmode: "decimal", value: plan?.cost }),
      field("currency", t("f_currency"), { maxlength: 3, placeholder: "EUR", value: plan?.currency }),
      field("key_questions", t("f_key_questions"), { type: "number", min: 0, step: 1, value: plan?.key_questions })),
    h("div", { class: "columns" },
      field("start", t("f_start"), { value: plan?.start, placeholder: "2026-03-02" }),
      field("end", t("f_end"), { value: plan?.end, placeholder: "2026-05-29" }),
      field("time_zone", t("f_time_zone"), { value: plan?.time_zone, placeholder: "Europe/Paris" })),
  ],
  cost: (facts, plan) => [
    h("div", { class: "columns" },
      field("amount", t("f_amount"), { inputmode: "decimal", required: true }),
      field("currency", t("f_currency"), { maxlength: 3, value: plan?.currency ?? "EUR" })),
    channels(facts, CHANNELS, true), when(),
  ],
  negative: (facts) => [
    channels(facts, CHANNELS), field("message", t("f_message")), field("subject", t("f_subject")), hint("either"), when(),
  ],
  meeting: () => [field("message", t("f_call"), { required: true }), when()],
  won: () => [field("subject", t("f_subject"), { required: true }), when()],
};

const decimal = (text) => text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");

// What is sent for a form: its fields that are filled in.
export function entryOf(kind, values, id) {
  const filled = Object.fromEntries([...values].map(([name, text]) => [name, text.trim()]).filter(([, text]) => text));
  if (kind !== "plan") {
    if (filled.amount) filled.amount = decimal(filled.amount);
    if (filled.time) filled.time = new Date(filled.time).toISOString();
    return { kind, id, ...filled };
  }
  const plan = {};
  for (const [name, text] of Object.entries(filled)) {
    if (name.startsWith("planned.")) (plan.planned ??= {})[name.slice(8)] = Number(text);
    else if (name === "key_questions") plan[name] = Number(text);
    else plan[name] = name === "cost" ? decimal(text) : text;
  }
  return { kind, plan };
}

function show(form, status, error) {
  for (const place of form.querySelectorAll(".problem")) place.remove();
  if (error instanceof Refusal) {
    for (const { field: name, reason } of error.errors) {
      const found = form.querySelector(`[data-field="${CSS.escape(name.replace(/^data\./, ""))}"]`);
      found?.append(h("span", { class: "problem", text: reason }));
      found?.querySelector("input, select").setAttribute("aria-invalid", "true");
    }
    const detail = error.errors.map((one) => `${one.field} ${one.reason}`).join(" ; ") || error.message;
    status.textContent = t("not_saved", { detail });
  } else status.textContent = t("try_again");
  status.dataset.kind = "bad";
}

function form(kind, facts, plan) {
  let id = newId();
  const status = h("p", { class: "status", role: "status" });
  const button = h("button", { type: "submit", class: "primary", text: t("save") });
  const made = h("form", { novalidate: false, "data-kind": kind }, FORMS[kind](facts, plan), h("p", { class: "actions" }, button), status);
  // Another content is another entry.
  made.addEventListener("input", () => { id = newId(); });
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    status.textContent = t("saving");
    delete status.dataset.kind;
    try {
      await post(`/wall/${segment()}/entries`, entryOf(kind, new FormData(made), id));
      show(made, status, new Refusal(0, {}));
      status.textContent = t("saved");
      status.dataset.kind = "good";
      id = newId();
    } catch (error) {
      show(made, status, error);
    }
    button.disabled = false;
  });
  return made;
}

export async function openEntry(facts, name) {
  const place = h("div", { class: "form-place" });
  const buttons = KINDS.map((kind) =>
    h("button", { type: "button", text: t(`e_${kind}`), "aria-pressed": "false", on: { click: () => choose(kind) } }));
  let plan;
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
    place.replaceChildren(form(kind, facts, plan));
    place.querySelector("input, select")?.focus();
  }
  const lead = h("p", { class: "quiet", text: t("entry_lead", { source: `/wall/${name}` }) });
  dialog(t("entry"), [lead, h("div", { class: "kinds", role: "group", "aria-label": t("entry") }, buttons), place], "entry");
  await choose("cost");
}
