// The list of campaigns: each with its figures and whether these are alive.

import { get, now, pathOf, Refusal } from "./api.js";
import { furnish } from "./chrome.js";
import { byId, flag, h, put } from "./dom.js";
import * as format from "./format.js";
import { showHealth } from "./health.js";
import { OLD_AFTER } from "./live.js";
import { t } from "./words.js";

const EVERY = 3000;
const cards = new Map();
let body = null;
let heardAt = null;
let trouble = null;

class Card {
  constructor(campaign) {
    this.name = h("a", { href: pathOf(campaign) });
    this.state = h("span", { class: "state" });
    this.figures = ["meeting", "customer", "cac", "reactivity"].map((id) => ({
      id, label: h("dt", {}), value: h("dd", {}),
    }));
    this.bar = h("span", { class: "fill" });
    this.share = h("span", { class: "share" });
    this.meta = h("span", { class: "quiet" });
    this.element = h("li", { class: "card" },
      h("h2", {}, this.name), this.state,
      h("dl", {}, this.figures.map((figure) => h("div", {}, figure.label, figure.value))),
      h("div", { class: "plan" }, this.share, h("span", { class: "bar", "aria-hidden": "true" }, this.bar), this.meta));
  }

  update(row) {
    put(this.name, row.name || row.campaign);
    const { kpis, milestones } = row;
    const value = {
      meeting: format.count(milestones.meeting),
      customer: format.count(milestones.customer),
      cac: format.money(kpis.cac.value, row.currency),
      reactivity: format.percent(kpis.reactivity.value),
    };
    for (const figure of this.figures) {
      put(figure.label, t(`g_${figure.id}`));
      put(figure.value, value[figure.id]);
    }
    const planned = Object.values(row.planned).reduce((a, b) => a + b, 0);
    const done = Object.values(row.done).reduce((a, b) => a + b, 0);
    put(this.share, planned ? `${t("o_progress")} ${format.percent(done / planned)}` : t("no_plan"));
    this.bar.style.inlineSize = `${planned ? Math.min(100, (100 * done) / planned) : 0}%`;
    const last = row.last_event ? format.ago((now() - Date.parse(row.last_event)) / 1000) : format.NONE;
    put(this.meta, `${t("o_activity")} ${last}`);
    const age = now() - Date.parse(row.as_of);
    const ended = row.end !== null && Date.parse(row.end) <= now();
    const state = trouble || age > OLD_AFTER ? "stale" : ended ? "ended" : "fresh";
    flag(this.element, "data-state", state);
    put(this.state, state === "stale" ? t("o_stale", { ago: format.ago(age / 1000).replace(/^il y a | ago$/g, "") }) : t(`o_${state}`));
  }
}

const key = (row) => (row.name || row.campaign).toLocaleLowerCase();

function draw() {
  drawState();
  if (!body) return;
  const wanted = byId("search").value.trim().toLocaleLowerCase();
  const rows = body.campaigns
    .filter((row) => key(row).includes(wanted) || row.campaign.toLocaleLowerCase().includes(wanted))
    .sort((a, b) => key(a).localeCompare(key(b)));
  const shown = rows.map((row) => {
    if (!cards.has(row.campaign)) cards.set(row.campaign, new Card(row.campaign));
    const card = cards.get(row.campaign);
    card.update(row);
    return card.element;
  });
  const list = byId("campaigns");
  if (shown.length !== list.children.length || shown.some((element, n) => element !== list.children[n]))
    list.replaceChildren(...shown);
  const fresh = body.campaigns.filter((row) => now() - Date.parse(row.as_of) <= OLD_AFTER).length;
  put(byId("lead"), body.campaigns.length ? t("o_lead", { n: body.campaigns.length, fresh: trouble ? 0 : fresh }) : t("o_none"));
  byId("none").hidden = shown.length > 0 || !body.campaigns.length;
}

function drawState() {
  const refused = trouble instanceof Refusal;
  const word = refused ? ([401, 403].includes(trouble.status) ? "denied" : "store") : "offline";
  showHealth(trouble ? word : body ? "live" : "connecting", heardAt);
}

async function ask() {
  try {
    body = await get("/wall/data/overview");
    heardAt = now();
    trouble = null;
  } catch (error) {
    trouble = error;
  }
  draw();
  setTimeout(ask, EVERY);
}

furnish(draw);
byId("search").addEventListener("input", draw);
byId("leave").hidden = document.querySelector("meta[name=rights]").content !== "write";
setInterval(draw, 1000);
ask();
