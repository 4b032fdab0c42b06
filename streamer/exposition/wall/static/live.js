// The stream of KPIs, opened again and again, and what is known of the numbers' health.
//
// A stream that is open proves little: the gateway may have lost its Redis, or the counting may
// have ended. So the gateway is also asked every few seconds, and the age of the numbers is watched.

import { get, now, read, Refusal } from "./api.js";

const ASK_EVERY = 3000;
const BEHIND = 4000;
const AGAIN_AFTER = [500, 1000, 2000, 4000];
// The counting publishes at least once a minute.
export const OLD_AFTER = 75_000;

export class Live {
  constructor(heard) {
    this.heard = heard; // (what, body) → nothing
    this.asOf = null;
    this.trouble = null;
    this.failures = 0;
    this.asking = false;
  }

  start() {
    this.open();
    this.ask();
    setInterval(() => this.ask(), ASK_EVERY);
    // A tab that was asleep asks at once.
    document.addEventListener("visibilitychange", () => document.hidden || this.ask());
  }

  open() {
    this.stream?.close();
    const stream = new EventSource(read("/live", { with: "milestones" }));
    this.stream = stream;
    // Both of one snapshot, the milestones first: what stands side by side belongs together.
    stream.addEventListener("milestones", (event) => this.take("milestones", JSON.parse(event.data)));
    stream.addEventListener("kpis", (event) => {
      this.failures = 0;
      this.take("kpis", JSON.parse(event.data));
      if (this.trouble) this.ask();
    });
    stream.addEventListener("error", () => {
      this.ask();
      // The browser tries again by itself, but not after an answer that is no stream.
      if (stream.readyState !== EventSource.CLOSED) return;
      const pause = AGAIN_AFTER[Math.min(this.failures++, AGAIN_AFTER.length - 1)];
      setTimeout(() => stream === this.stream && this.open(), pause);
    });
  }

  take(what, body) {
    if (what === "kpis") this.asOf = Date.parse(body.as_of);
    this.heard(what, body);
  }

  async ask() {
    if (this.asking) return;
    this.asking = true;
    try {
      const sources = await get(read("/sources"));
      this.take("sources", sources);
      const behind = Date.parse(sources.as_of) - (this.asOf ?? 0);
      const isOpen = this.stream.readyState === EventSource.OPEN;
      if (!isOpen || behind > BEHIND) {
        this.take("milestones", await get(read("/milestones")));
        this.take("kpis", await get(read("/kpis")));
      }
      // Open, and yet nothing comes through it: a proxy holds it, or the line is dead.
      if (isOpen && behind > BEHIND) this.open();
      this.trouble = null;
    } catch (error) {
      this.trouble = error;
    } finally {
      this.asking = false;
    }
    this.heard("state", null);
  }

  // One word for how the numbers are: `live`, or why they are not.
  health() {
    if (this.trouble instanceof Refusal) {
      if (this.trouble.status === 401 || this.trouble.status === 403) return "denied";
      if (this.trouble.status === 404) return "unknown";
      return "store";
    }
    if (this.trouble) return "offline";
    if (this.asOf === null) return "connecting";
    return now() - this.asOf > OLD_AFTER ? "stale" : "live";
  }
}
