// How the numbers are, in one word, one colour and, when they are not alive, one sentence.

import { now } from "./api.js";
import { byId, put } from "./dom.js";
import * as format from "./format.js";
import { t } from "./words.js";

// These tell how old the numbers are.
const DATED = ["offline", "store", "stale"];

// Why the numbers are not those of now, in a sentence; "" when they are.
export function troubleOf(health, at) {
  if (health === "live" || health === "connecting") return "";
  if (DATED.includes(health) && at === null) return `${t(`s_${health}`)}. ${t("x_none")}`;
  return t(`x_${health}`, { at: at && format.clock(at) });
}

// `at` is the moment of the numbers shown, in milliseconds, null when there are none.
export function showHealth(health, at) {
  document.documentElement.dataset.health = health;
  put(byId("state-word"), t(`s_${health}`));
  put(byId("state-at"), at === null ? "" : format.clock(at));
  const trouble = troubleOf(health, at);
  byId("trouble").hidden = !trouble;
  // Only a change of state is told to a screen reader; the age beside it grows in silence.
  put(byId("banner"), trouble);
  put(byId("age"), trouble && DATED.includes(health) && at !== null ? format.ago((now() - at) / 1000) : "");
}
