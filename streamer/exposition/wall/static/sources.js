// Who feeds what, and who has fallen silent.

import { now } from "./api.js";

export class Sources {
  constructor(body, facts) {
    this.silentAfter = facts.silent_after;
    this.byName = new Map();
    this.ofType = new Map();
    this.noData = new Map((body?.no_data ?? []).map((row) => [`${row.channel}.${row.kpi}`, row.reason]));
    for (const { source, type, first, last } of body?.sources ?? []) {
      const found = this.byName.get(source) ?? { source, types: [], first: Infinity, last: 0 };
      found.types.push(type);
      found.last = Math.max(found.last, Date.parse(last));
      found.first = Math.min(found.first, Date.parse(first));
      this.byName.set(source, found);
      this.ofType.set(type, [...(this.ofType.get(type) ?? []), found]);
    }
  }

  // How long a source may say nothing: the shortest of what its events ask for.
  patience(source) {
    const known = source.types.map((type) => this.silentAfter[type.split(".")[0]]).filter(Boolean);
    return known.length ? Math.min(...known) * 1000 : Infinity;
  }

  isSilent(source) {
    return now() - source.last > this.patience(source);
  }

  feeding(types) {
    return [...new Set(types.flatMap((type) => this.ofType.get(type) ?? []))];
  }

  // Whether one of the KPI's terms is fed by silent sources alone.
  silences(fact) {
    return fact.feeds.some((types) => {
      const feeding = this.feeding(types);
      return feeding.length > 0 && feeding.every((source) => this.isSilent(source));
    });
  }

  // When a channel was last heard of, and whether all that speaks of it is silent.
  channel(name) {
    const own = [...this.byName.values()].filter((s) => s.types.some((type) => type.startsWith(`${name}.`)));
    if (!own.length) return null;
    return {
      first: Math.min(...own.map((source) => source.first)),
      last: Math.max(...own.map((source) => source.last)),
      silent: own.every((source) => this.isSilent(source)),
    };
  }
}
