// The list of campaigns: each with its figures and whether these are alive.

import { facts as readFacts, get, now, pathOf, Refusal } from "./api.js";
import { furnish } from "./chrome.js";
import { byId, flag, h, put } from "./dom.js";
import * as format from "./format.js";
import { showHealth } from "./health.js";
import { OLD_AFTER } from "./live.js";
import { Sources } from "./sources.js";
import { pick, t } from "./words.js";

const EVERY = 3000;
const facts = await readFacts();
const cards = new Map();
let body = null;
let heardAt = null;
let trouble = null;

// What each figure is: its KPI, and the count over all channels when it shows that one.
const FIGURES = [
  { id: "meeting", kpi: "all.meeting_rate", count: "meeting" },
  { id: "customer", kpi: "all.lead_conversion", count: "customer" },
  { id: "cac", kpi: "all.cac" },
  { id: "reactivity", kpi: "all.reactivity" },
];

class Card {
  constructor(campaign) {
    this.name = h("a", { href: pathOf(campaign) });
    this.state = h("span", { class: "state" });
    this.figures = FIGURES.map((figure) => {
      const parts = { label: h("dt", {}), value: h("dd", { class: "value" }), note: h("dd", { class: "quiet" }) };
      return { ...figure, ...parts, element: h("div", { "data-figure": figure.id }, ...Object.values(parts)) };
    });
    this.bar = h("span", { class: "fill" });
    this.share = h("span", { class: "share" });
    this.meta = h("span", { class: "quiet" });
    this.warning = h("p", { class: "warning" });
    this.plan = h("div", { class: "plan" }, this.share, h("span", { class: "bar", "aria-hidden": "true" }, this.bar), this.meta);
    this.element = h("li", { class: "card" },
      h("h2", {}, this.name), this.state, this.warning,
      h("dl", {}, this.figures.map((figure) => figure.element)), this.plan);
  }

  update(row) {
    put(this.name, row.name || row.campaign);
    const sources = new Sources(row, facts);
    this.updateFigures(row, sources);
    const age = now() - Date.parse(row.as_of);
    const ended = row.end !== null && Date.parse(row.end) <= now();
    const silent = Object.keys(facts.funnels).filter((name) => sources.channel(name)?.silent);
    const planned = Object.values(row.planned).reduce((a, b) => a + b, 0);
    const done = Object.values(row.done).reduce((a, b) => a + b, 0);
    put(this.share, planned ? `${t("o_progress")} ${format.percent(done / planned)}` : t("no_plan"));
    this.bar.style.inlineSize = `${planned ? Math.min(100, (100 * done) / planned) : 0}%`;
    flag(this.plan, "data-silent", silent.some((name) => row.planned[name]) && !ended ? "" : null);
    const last = sources.newest;
    put(this.meta, last === null ? t("never") : `${t("o_activity")} ${format.ago((now() - last) / 1000)}`);
    const state = trouble || age > OLD_AFTER ? "stale" : ended ? "ended" : silent.length ? "silent" : "fresh";
    flag(this.element, "data-state", state);
    put(this.state, state === "stale" ? t("o_stale", { ago: format.ago(age / 1000).replace(/^il y a | ago$/g, "") }) : t(`o_${state}`));
    const said = [];
    if (row.incomplete) said.push(t("o_incomplete"));
    if (silent.length && !ended) said.push(t("o_silent_channels", { channels: silent.map((name) => pick(facts.channels[name])).join(", ") }));
    put(this.warning, said.join(" · "));
    this.warning.hidden = !said.length;
  }

  updateFigures({ kpis, milestones, unfed, currency }, sources) {
    for (const { id, kpi, count, label, value, note, element } of this.figures) {
      const isUnfed = unfed.includes(id);
      const text = count ? format.count(milestones[count]) : id === "cac" ? format.money(kpis.cac.value, currency) : format.percent(kpis[id].value);
      const silent = count ? sources.missing("all", count).length > 0 : sources.silences(facts.kpis[kpi]);
      put(label, t(`g_${id}`));
      // What nothing can tell is no zero.
      put(value, isUnfed ? format.NONE : text);
      put(note, isUnfed ? t("o_unfed") : silent ? t("grey_tile") : "");
      flag(element, "data-state", isUnfed ? "unfed" : silent ? "silent" : "fine");
    }
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
  put(byId("lead"), body.campaigns.length ? t("o_lead", { n: body.campaigns.length, fresh: trouble ? 0 : fresh().length }) : t("o_none"));
  byId("none").hidden = shown.length > 0 || !body.campaigns.length;
}

const fresh = () => body.campaigns.filter((row) => now() - Date.parse(row.as_of) <= OLD_AFTER);

// Alive is what the numbers are, not the connection: the clock is that of the newest of them.
function drawState() {
  const newest = body?.campaigns.length ? Math.max(...body.campaigns.map((row) => Date.parse(row.as_of))) : heardAt;
  const refused = trouble instanceof Refusal;
  const word = refused ? ([401, 403].includes(trouble.status) ? "denied" : "store") : "offline";
  const still = body?.campaigns.length && !fresh().length ? "stale" : "live";
  showHealth(trouble ? word : body ? still : "connecting", newest);
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
