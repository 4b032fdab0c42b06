// All that is known of the campaign at this moment, and the questions that the parts ask of it.

import { Sources } from "./sources.js";

export class View {
  constructor(facts) {
    this.facts = facts;
    this.window = "campaign";
    this.plan = null;
    this.milestones = null;
    this.kpis = null;
    this.rows = new Map();
    this.counts = new Map();
    this.sources = new Sources(null, facts);
    this.used = new Set();
    // By channel, the touches of the last seven days.
    this.lastWeek = new Map();
  }

  take(what, body) {
    if (what === "kpis") {
      this.kpis = body;
      this.rows = new Map(body.kpis.map((row) => [`${row.channel}.${row.kpi}.${row.window}`, row]));
    } else if (what === "milestones") {
      this.milestones = body;
      this.counts = new Map(body.milestones.map((row) => [`${row.channel}.${row.milestone}.${row.window}`, row.value]));
      this.use();
    } else if (what === "sources") {
      this.sources = new Sources(body, this.facts);
      this.use();
    } else if (what === "plan") {
      this.plan = body.plan;
      this.use();
    }
  }

  // A channel is shown when something of it has come, or the plan means to use it.
  use() {
    this.used = new Set(Object.entries(this.plan?.planned ?? {}).filter(([, n]) => n > 0).map(([channel]) => channel));
    for (const type of this.sources.ofType.keys()) this.used.add(type.split(".")[0]);
    for (const row of this.milestones?.milestones ?? []) if (row.value) this.used.add(row.channel);
  }

  isUsed(channel) {
    return this.used.has(channel);
  }

  // A KPI in the window chosen, or over the campaign when it has no other.
  row(name) {
    return this.rows.get(`${name}.${this.window}`) ?? this.rows.get(`${name}.campaign`);
  }

  count(channel, milestone, window) {
    return this.counts.get(`${channel}.${milestone}.${window}`) ?? 0;
  }

  // Whether anything that has come can tell this milestone.
  isFed(channel, milestone) {
    const types = this.facts.feeders[`${channel}.${milestone}`];
    return this.count(channel, milestone, "campaign") > 0 || this.sources.feeding(types).length > 0;
  }

  context(fact) {
    return {
      noData: this.sources.noData,
      silent: this.sources.silences(fact),
      minimum: this.facts.minimum,
      window: this.window,
      sources: this.sources,
      sent: (row) => this.count(row.channel, "sent", row.window),
    };
  }
}
