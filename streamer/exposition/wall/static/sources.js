// Who feeds what, and who has fallen silent.

import { now } from "./api.js";

// What somebody enters on the wall, a plan and a list say nothing of whether the sources speak.
const BY_HAND = "/wall/";
const CONNECTED = "/sources/";
const NO_SIGN = ["campaign.planned", "prospect.linked"];

const least = (values) => Math.min(...values);
const most = (values) => Math.max(...values);

export class Sources {
  constructor(body, facts) {
    this.facts = facts;
    this.byName = new Map();
    this.ofType = new Map();
    this.noData = new Map((body?.no_data ?? []).map((row) => [`${row.channel}.${row.kpi}`, row.reason]));
    for (const { source, type, first, last } of body?.sources ?? []) {
      const found = this.byName.get(source) ?? { source, isByHand: source.startsWith(BY_HAND), heard: new Map() };
      found.heard.set(type, { first: Date.parse(first), last: Date.parse(last) });
      this.byName.set(source, found);
      this.ofType.set(type, [...(this.ofType.get(type) ?? []), found]);
    }
  }

  // The types of a source that are signs of life: of a channel, those of the channel when it has any.
  signs(source, channel) {
    const all = [...source.heard.keys()].filter((type) => !NO_SIGN.includes(type));
    const own = all.filter((type) => type.startsWith(`${channel}.`));
    return own.length ? own : all;
  }

  // When a source was last heard of; null when it has said nothing that counts.
  last(source, channel) {
    const signs = this.signs(source, channel);
    return signs.length ? most(signs.map((type) => source.heard.get(type).last)) : null;
  }

  // How long a source may say nothing: the shortest of what its events ask for.
  patience(source, channel) {
    const known = this.signs(source, channel).map((type) => this.facts.silent_after[type.split(".")[0]]).filter(Boolean);
    return known.length ? least(known) * 1000 : Infinity;
  }

  canFallSilent(source) {
    return !source.isByHand && this.patience(source) < Infinity;
  }

  isSilent(source, channel) {
    return this.canFallSilent(source) && now() - this.last(source, channel) > this.patience(source, channel);
  }

  // A source that is connected and spoke this week is expected to speak again.
  isMissed(source, channel) {
    const age = now() - this.last(source, channel);
    return source.source.startsWith(CONNECTED) && age < this.facts.given_up_after * 1000;
  }

  feeding(types) {
    return [...new Set(types.flatMap((type) => this.ofType.get(type) ?? []))];
  }

  // The sources that keep a milestone up to date: those that tell it of every touch, or if there
  // are none those that can tell it at all.
  keeping(channel, milestone) {
    const place = `${channel}.${milestone}`;
    const found = [this.facts.lives[place], this.facts.feeders[place]].map((types) =>
      this.feeding(types ?? []).filter((source) => !source.isByHand));
    return found.find((some) => some.length) ?? [];
  }

  // Those of the keepers whose silence makes a milestone's number old.
  missing(channel, milestone) {
    const keepers = this.keeping(channel, milestone);
    const silent = keepers.filter((source) => this.isSilent(source, channel));
    if (silent.length === keepers.length) return silent;
    return channel === "all" ? [] : silent.filter((source) => this.isMissed(source, channel));
  }

  // Whether one of the KPI's terms is no longer kept up to date.
  silences(fact) {
    return fact.milestones.some(([channel, milestone]) => this.missing(channel, milestone).length > 0);
  }

  // When a channel was first and last heard of by those who keep its contacts up to date, and
  // whether one of them is missing; null when nothing but entries by hand speaks of it.
  channel(name) {
    const contact = this.facts.funnels[name][0].milestone;
    const own = this.keeping(name, contact);
    if (!own.length) return null;
    const missing = this.missing(name, contact);
    return {
      first: least(own.flatMap((source) => this.signs(source, name).map((type) => source.heard.get(type).first))),
      last: most((missing.length ? missing : own).map((source) => this.last(source, name))),
      missing: missing.map((source) => source.source),
      silent: missing.length > 0,
    };
  }

  // When anything but entries by hand was last heard of; null when nothing was.
  get newest() {
    const heard = [...this.byName.values()].filter((source) => !source.isByHand).map((source) => this.last(source));
    return heard.some((at) => at !== null) ? most(heard) : null;
  }
}
