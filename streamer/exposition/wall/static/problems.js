// What is wrong with what was sent, in the language chosen: the server's reasons name fields, people
// see labels.

import { Refusal } from "./api.js";
import { prefs } from "./prefs.js";
import { t } from "./words.js";

// By field, what must be there; where a field can be wrong in several ways, by what the reason says.
const FIELDS = {
  amount: "bad_amount",
  cost: "bad_amount",
  currency: "bad_currency",
  channel: "bad_channel",
  time: "bad_time",
  start: "bad_date",
  end: "bad_date",
  time_zone: "bad_zone",
  key_questions: "bad_whole",
  name: "bad_text",
};
const SUBJECT = [
  [/^is no mail address/, "bad_mail"],
  [/^is no LinkedIn profile/, "bad_linkedin"],
  [/^is no phone number/, "bad_phone"],
  [/^may be a phone number/, "bad_either"],
  [/./, "bad_subject"],
];
const STATUSES = { 401: "refused_session", 403: "refused_403", 413: "refused_413", 429: "refused_429", 503: "refused_503" };

export const fieldOf = (error) => error.field.replace(/^data\./, "");

// A sentence for one reason of a refusal.
export function problemOf(error) {
  const name = fieldOf(error);
  if (error.reason.startsWith("is needed")) return t("bad_needed");
  if (error.reason === "is before the start") return t("bad_order");
  if (name === "subject") return t(SUBJECT.find(([pattern]) => pattern.test(error.reason))[1]);
  if (name.startsWith("planned.")) return t("bad_whole");
  if (FIELDS[name]) return t(FIELDS[name]);
  return prefs.lang === "en" ? `${name} ${error.reason}` : t("bad_other", { field: name });
}

// A sentence for a refusal as a whole.
export function refusalOf(error) {
  if (!(error instanceof Refusal)) return t("no_answer");
  if (STATUSES[error.status]) return t(STATUSES[error.status]);
  return prefs.lang === "en" ? error.message : t("refused_other", { status: error.status });
}
