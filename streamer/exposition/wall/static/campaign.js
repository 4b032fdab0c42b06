// The page of one campaign: puts the parts together and keeps them up to date.

import { campaign, facts as readFacts, get, now, read } from "./api.js";
import { Channel, CONTACT } from "./channel.js";
import { dialog, furnish, segments } from "./chrome.js";
import { showHealth, troubleOf } from "./health.js";
import { Detail, plot } from "./detail.js";
import { byId, h, put } from "./dom.js";
import { openEntry } from "./entry.js";
import * as format from "./format.js";
import { BESIDE, points, RANGES } from "./history.js";
import { Live } from "./live.js";
import { Overall } from "./overall.js";
import { reps } from "./reps.js";
import { Rotation } from "./screen.js";
import { openShare } from "./share.js";
import { View } from "./view.js";
import { pick, t } from "./words.js";

const ORDER = ["postal", "sms", "email", "phone", "linkedin"];
const WINDOWS = ["campaign", "24h", "1h", "5m"];
const asked = new URLSearchParams(location.search);
const rights = document.querySelector("meta[name=rights]").content;
const holder = document.querySelector("meta[name=holder]").content;

const facts = await readFacts();
const view = new View(facts);
if (WINDOWS.includes(asked.get("window"))) view.window = asked.get("window");
const overall = new Overall(facts, open);
let channels = [];
let range = "7d";

function build(kpis) {
  channels = ORDER.map((name) => {
    const own = [...new Set(kpis.kpis.filter((row) => row.channel === name).map((row) => row.kpi))];
    return new Channel(name, own.filter((kpi) => kpi !== "sent_progress"), facts, open);
  });
  byId("overall").append(overall.element);
  byId("channels").replaceChildren(...channels.map((channel) => channel.element));
  drawJump();
}

function drawJump() {
  const used = channels.filter(({ name }) => view.isUsed(name));
  byId("jump").replaceChildren(...used.map(({ name }) => h("a", { href: `#h-${name}`, text: pick(facts.channels[name]) })));
}

// The dialog that is open follows the numbers.
let shown = null;
function open(name, figure = null) {
  const row = view.row(name);
  if (!row) return;
  const opened = new Detail(view, name, figure);
  const title = figure ? `${t(`g_${figure.id}`)} · ${t("overall")}` : `${pick(row.label)} · ${pick(facts.channels[row.channel])}`;
  dialog(title, opened.elements, "detail").addEventListener("close", () => { if (shown === opened) shown = null; });
  shown = opened;
  drawDetail();
}

const drawDetail = () => shown?.update(view, troubleOf(live.health(), live.asOf));

const live = new Live((what, body) => {
  if (what !== "state") view.take(what, body);
  if (what === "kpis") {
    if (!channels.length) build(body);
    later("plan", 5000, async () => view.take("plan", await get(read(""))));
  }
  draw();
});

// Reads that follow the stream, each at most so often; what fails is tried again by the next.
const last = new Map();
const planned = new Set();
function later(name, every, job) {
  if (planned.has(name)) return;
  planned.add(name);
  const wait = Math.max(0, (last.get(name) ?? -every) + every - performance.now());
  setTimeout(async () => {
    planned.delete(name);
    last.set(name, performance.now());
    await job().then(draw, () => last.delete(name));
  }, wait);
}

// At most twice a second: what changes faster cannot be read.
const DRAW_EVERY = 500;
let drawing = false;
let drawn = -DRAW_EVERY;
function draw() {
  if (drawing) return;
  drawing = true;
  setTimeout(() => {
    drawing = false;
    drawn = performance.now();
    drawState();
    drawHead();
    if (!channels.length || !view.milestones) return;
    overall.update(view);
    for (const channel of channels) channel.update(view);
    drawUnused();
    drawDetail();
    drawReps();
    drawSources();
    byId("page").hidden = false;
  }, Math.max(0, drawn + DRAW_EVERY - performance.now()));
}

function drawHead() {
  const name = view.plan?.name || campaign();
  put(byId("name"), name);
  put(byId("id"), name === campaign() ? "" : campaign());
  document.title = `${name} · ${t("wall")}`;
  byId("incomplete").hidden = !view.kpis?.incomplete;
}

function drawState() {
  showHealth(live.health(), live.asOf);
}

// Channels without any event are named in a line: the room is for those that have some.
let used = null;
function drawUnused() {
  const idle = channels.filter(({ name }) => !view.isUsed(name)).map(({ name }) => pick(facts.channels[name]));
  byId("unused").hidden = !idle.length;
  put(byId("unused"), idle.length ? t("unused", { channels: idle.join(", ") }) : "");
  if (used === idle.join()) return;
  used = idle.join();
  drawJump();
}

let shownReps = "";
function drawReps() {
  const made = reps(view);
  if (made.outerHTML === shownReps) return;
  shownReps = made.outerHTML;
  byId("reps").replaceChildren(made);
}

function moodOf(source) {
  if (source.isByHand) return t("by_hand");
  if (!view.sources.canFallSilent(source)) return "";
  return t(view.sources.isSilent(source) ? "is_silent" : "fresh");
}

function drawSources() {
  const rows = [...view.sources.byName.values()].sort((a, b) => a.source.localeCompare(b.source)).map((source) => {
    const last = Math.max(...[...source.heard.values()].map((one) => one.last));
    return h("tr", { "data-silent": view.sources.canFallSilent(source) ? String(view.sources.isSilent(source)) : null },
      h("th", { scope: "row", text: source.source }),
      h("td", { text: [...source.heard.keys()].join(", ") }),
      h("td", { text: format.ago((now() - last) / 1000) }),
      h("td", { class: "mood", text: moodOf(source) }));
  });
  const head = ["source", "sends", "last"].map((key) => h("th", { scope: "col", text: t(key) }));
  byId("sources").replaceChildren(h("table", { class: "sources" }, h("thead", {}, h("tr", {}, head, h("td", {}))), h("tbody", {}, rows)));
}

async function drawPictures() {
  const beside = BESIDE[view.window];
  const one = async (part, name, fact) => {
    try {
      part.draw(await points(...fact.series, beside), name);
    } catch {
      // The next minute tries again; the page's state says what is wrong.
    }
  };
  const tiles = channels.filter((channel) => view.isUsed(channel.name)).flatMap((channel) => channel.tiles);
  await Promise.all([
    ...overall.figures.map((figure) => one({ draw: (found) => overall.draw(figure.kpi, found) }, null, figure.fact)),
    ...tiles.map((tile) => one(tile, null, tile.fact)),
  ]);
}

async function readWeek() {
  for (const { name } of channels.filter((channel) => view.isUsed(channel.name))) {
    try {
      const found = await points(name, CONTACT[name], RANGES["7d"]);
      view.lastWeek.set(name, found.reduce((sum, [, count]) => sum + count, 0));
    } catch {
      // The pace is left open until the next minute.
    }
  }
  draw();
}

async function drawHistory() {
  const shown = channels.filter((channel) => view.isUsed(channel.name));
  const made = await Promise.all(shown.map(async ({ name }) => {
    const series = [[name, CONTACT[name]], [name, "answered"]];
    try {
      const found = await Promise.all(series.map(([channel, word]) => points(channel, word, RANGES[range])));
      return h("figure", {}, h("figcaption", { text: pick(facts.channels[name]) }), plot(view, series, found, range));
    } catch {
      return null;
    }
  }));
  if (made.every(Boolean)) byId("history").replaceChildren(...made);
}

function tools() {
  const choose = (value) => {
    view.window = value;
    draw();
    drawPictures();
  };
  byId("windows").replaceChildren(segments(t("window"), WINDOWS.map((name) => [name, t(`w_${name}`)]), view.window, choose));
  byId("ranges").replaceChildren(segments(t("history"), Object.keys(RANGES).map((name) => [name, t(`range_${name}`)]), range, (value) => {
    range = value;
    drawHistory();
  }));
  const buttons = [h("button", { type: "button", class: "plain to-screen", text: t("screen"), on: { click: () => rotation.enter() } })];
  if (rights === "write")
    buttons.unshift(
      h("button", { type: "button", class: "primary", text: t("add"), on: { click: () => openEntry(facts, holder, view.plan) } }),
      h("button", { type: "button", class: "plain", text: t("share"), on: { click: openShare } }));
  if (holder === "open")
    buttons.unshift(h("a", { class: "plain", href: `/wall/login?next=${encodeURIComponent(location.pathname)}`, text: t("login") }));
  byId("tools").replaceChildren(...buttons);
}

const rotation = new Rotation(() => channels.filter((channel) => view.isUsed(channel.name)).map((channel) => channel.element));

furnish(() => {
  put(byId("legend"), t("legend", { n: facts.minimum }));
  tools();
  drawJump();
  used = null;
  shownReps = "";
  draw();
  drawHistory();
});
byId("all").hidden = asked.has("key");
byId("leave").hidden = rights !== "write";
live.start();
if (asked.get("screen") === "1") rotation.start();
// Ages grow by the second, whether something comes or not.
setInterval(draw, 1000);

// The pictures follow the minute; the first ones as soon as there is something to show.
async function pictures() {
  if (channels.length && view.milestones) await Promise.all([readWeek(), drawPictures(), drawHistory(), shown?.history.show()]);
  setTimeout(pictures, channels.length && view.milestones ? 60_000 : 300);
}
pictures();
