// How the numbers are, in one word, one colour and, when they are not alive, one sentence.

import { now } from "./api.js";
import { byId, put } from "./dom.js";
import * as format from "./format.js";
import { t } from "./words.js";

// These tell how old the numbers are.
const DATED = ["offline", "store", "stale"];

// `at` is the moment of the numbers shown, in milliseconds, null when there are none.
export function showHealth(health, at) {
  document.documentElement.dataset.health = health;
  put(byId("state-word"), t(`s_${health}`));
  put(byId("state-at"), at === null ? "" : format.clock(at));
  const isBad = health !== "live" && health !== "connecting";
  const isDated = DATED.includes(health);
  const text = isDated && at === null ? `${t(`s_${health}`)}. ${t("x_none")}` : t(`x_${health}`, { at: at && format.clock(at) });
  byId("trouble").hidden = !isBad;
  // Only a change of state is told to a screen reader; the age beside it grows in silence.
  put(byId("banner"), isBad ? text : "");
  put(byId("age"), isBad && isDated && at !== null ? format.ago((now() - at) / 1000) : "");
}
