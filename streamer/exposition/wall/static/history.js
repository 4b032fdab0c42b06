// Histories of milestones from the gateway, kept for a minute, a few requests at a time.

import { get, now, read } from "./api.js";

// What the small pictures show beside each window: hours enough to see a movement.
export const BESIDE = {
  campaign: { seconds: 86_400, step: 1800 },
  "24h": { seconds: 86_400, step: 1800 },
  "1h": { seconds: 21_600, step: 300 },
  "5m": { seconds: 3600, step: 60 },
};
export const RANGES = {
  "6h": { seconds: 21_600, step: 300 },
  "24h": { seconds: 86_400, step: 1800 },
  "7d": { seconds: 604_800, step: 10_800 },
  "30d": { seconds: 2_592_000, step: 43_200 },
};

const AT_ONCE = 3;
const KEEP = 55_000;
const kept = new Map();
const waiting = [];
let running = 0;

function next() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    const job = waiting.shift();
    job().finally(() => {
      running -= 1;
      next();
    });
  }
}

async function fetchPoints(channel, milestone, { seconds, step }) {
  const to = Math.floor(now() / 1000);
  return (await get(read("/history", { channel, milestone, from: to - seconds, to, step }))).points;
}

// Points `[UTC seconds, count]` of a milestone over a range; rejects when they cannot be read.
export function points(channel, milestone, range) {
  const name = `${channel}.${milestone}.${range.seconds}.${range.step}`;
  const found = kept.get(name);
  if (found && performance.now() - found.at < KEEP) return found.promise;
  const promise = new Promise((resolve, reject) => {
    waiting.push(() => fetchPoints(channel, milestone, range).then(resolve, reject));
  });
  kept.set(name, { at: performance.now(), promise });
  promise.catch(() => kept.delete(name));
  next();
  return promise;
}
