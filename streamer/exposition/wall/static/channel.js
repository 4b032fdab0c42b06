// One channel: its freshness, the plan's progress, the funnel and its KPIs.

import { now } from "./api.js";
import { flag, h, icon, put } from "./dom.js";
import * as format from "./format.js";
import { progress } from "./plan.js";
import { Tile } from "./tile.js";
import { pick, t } from "./words.js";

export const CONTACT = { email: "sent", linkedin: "invited", phone: "made", postal: "sent", sms: "sent" };

export class Channel {
  constructor(name, kpis, facts, open) {
    this.name = name;
    this.facts = facts;
    this.title = h("h2", { id: `h-${name}` });
    this.fresh = h("p", { class: "fresh" });
    this.makePlan(open);
    this.makeFunnel();
    this.tiles = kpis.map((kpi) => new Tile(name, kpi, facts.kpis[`${name}.${kpi}`], open));
    this.body = h(
      "div",
      { class: "channel-body" },
      this.plan, this.funnel, h("div", { class: "tiles" }, this.tiles.map((tile) => tile.element)),
    );
    this.element = h(
      "section",
      { class: "channel", "data-channel": name, "aria-labelledby": `h-${name}` },
      h("header", {}, icon(name), this.title, this.fresh), this.body,
    );
  }

  makePlan(open) {
    const kpi = `${this.name}.sent_progress`;
    this.planShare = h("span", { class: "share" });
    this.planParts = h("span", { class: "parts" });
    this.planBar = h("span", { class: "fill" });
    this.planMark = h("span", { class: "mark" });
    this.planPace = h("span", { class: "pace" });
    const parts = [
      this.planShare, this.planParts,
      h("span", { class: "bar", "aria-hidden": "true" }, this.planBar, this.planMark), this.planPace,
    ];
    // The phone has a plan, but no row for its progress in the catalogue.
    this.plan = this.facts.kpis[kpi]
      ? h("button", { class: "plan", type: "button", on: { click: () => open(kpi) } }, parts)
      : h("div", { class: "plan" }, parts);
  }

  makeFunnel() {
    this.steps = this.facts.funnels[this.name].map(({ milestone, label }) => {
      const step = { milestone, label, name: h("th", { scope: "row" }), count: h("td", { class: "n" }), share: h("td", { class: "p" }), fill: h("span", { class: "fill" }) };
      step.row = h("tr", {}, step.name, h("td", { class: "b", "aria-hidden": "true" }, h("span", { class: "bar" }, step.fill)), step.count, step.share);
      return step;
    });
    this.funnelName = h("caption", { class: "quiet" });
    this.funnel = h("table", { class: "funnel" }, this.funnelName, h("tbody", {}, this.steps.map((step) => step.row)));
  }

  update(view) {
    put(this.title, pick(this.facts.channels[this.name]));
    const used = view.isUsed(this.name);
    this.element.hidden = !used;
    if (!used) return;
    this.updateFreshness(view);
    this.updatePlan(view);
    this.updateFunnel(view);
    for (const tile of this.tiles) {
      const row = view.row(tile.name);
      if (row) tile.update(row, view.context(tile.fact));
    }
  }

  updateFreshness({ sources }) {
    const heard = sources.channel(this.name);
    flag(this.element, "data-silent", heard?.silent ? "" : null);
    const since = heard && format.ago((now() - heard.last) / 1000);
    put(this.fresh, heard ? t(heard.silent ? "silent" : "last_event", { ago: since }) : t("never"));
    flag(this.fresh, "title", heard?.silent ? heard.missing.join(", ") : null);
  }

  updatePlan(view) {
    const contact = CONTACT[this.name];
    const done = view.count(this.name, contact, "campaign");
    const planned = view.plan?.planned?.[this.name];
    const lastWeek = view.lastWeek.get(this.name) ?? null;
    const since = view.sources.channel(this.name)?.first ?? null;
    const state = progress({ plan: view.plan, done, lastWeek, since, planned, now: now() });
    flag(this.plan, "data-kind", state.kind);
    put(this.planShare, state.share === undefined ? format.NONE : format.percent(state.share));
    put(this.planParts, planned ? t("planned_of", { done: format.count(done), planned: format.count(planned) }) : "");
    this.planBar.style.inlineSize = `${Math.min(1, state.share ?? 0) * 100}%`;
    this.planMark.hidden = state.expected === undefined || state.expected === null;
    if (!this.planMark.hidden) this.planMark.style.insetInlineStart = `${(100 * state.expected) / planned}%`;
    put(this.planPace, paceText(state));
  }

  updateFunnel(view) {
    put(this.funnelName, `${t("funnel")} ${t(`over_${view.window}`)}`);
    const first = view.count(this.name, this.steps[0].milestone, view.window);
    const most = Math.max(1, ...this.steps.map((step) => view.count(this.name, step.milestone, view.window)));
    for (const [number, step] of this.steps.entries()) {
      const reached = view.count(this.name, step.milestone, view.window);
      const fed = view.isFed(this.name, step.milestone);
      put(step.name, pick(step.label));
      // What nothing has come to tell of is no zero.
      put(step.count, fed ? format.count(reached) : format.NONE);
      // A window's answers may come from earlier sends: shares are of the whole campaign only.
      const share = fed && number && first && view.window === "campaign" ? format.percent(reached / first) : "";
      put(step.share, share);
      step.fill.style.inlineSize = `${(100 * reached) / most}%`;
    }
  }
}

function paceText(state) {
  const until = state.end ? ` ${t("until", { date: format.shortDay(state.end - 1) })}` : "";
  if (state.kind === "plan_over") return t("plan_over", { n: format.count(state.left) });
  if (state.kind === "plan_not_begun") return t("plan_not_begun", { when: format.shortDay(state.start) });
  if (state.kind.startsWith("pace_")) {
    const pace = state.pace === undefined ? "" : format.count(Math.round(state.pace));
    return t(state.kind, { now: pace, need: format.count(state.need) }) + until;
  }
  return t(state.kind);
}
