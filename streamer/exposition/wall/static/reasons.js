// Why a KPI has no data: in a few words for a tile, and in full for its own page.

import { prefs } from "./prefs.js";
import { t } from "./words.js";

// The server gives its reasons in English, as `exposition/sources.py` writes them: what lacks, then
// what to do about it.
const REASONS = [
  [
    /^no source of this campaign tells of \w+, and no \w+ event has come: .*$/,
    () =>
      "aucune source de cette campagne n'alimente ce canal, et aucun événement n'en est arrivé : " +
      "connectez-en une, ou envoyez ses événements à /v1/events",
  ],
  [/^the plan names no number for \w+$/, () => "le plan ne fixe pas de nombre pour ce canal"],
  [/^the plan names no key questions$/, () => "le plan ne dit pas le nombre de questions clés"],
  [
    /^no cost in the plan's currency is known: .*$/,
    () => "aucun coût connu dans la devise du plan : indiquez-le dans le plan, ou envoyez les coûts",
  ],
  [
    /^no source of this campaign tells .*?(, so that those counted .*?)?: (.*)$/,
    (m) => `aucune source de cette campagne ne fournit cette donnée${partly(m[1])} : ${remedy(m[2])}`,
  ],
  [
    /^(.+?) tells? no .*?(, so that those counted .*?)?: (.*)$/,
    (m) =>
      `${m[1].replaceAll(" and ", " et ")} : cette donnée n'en vient pas${partly(m[2])} : ${remedy(m[3])}`,
  ],
];

const REMEDIES = [
  [/^map its (\w+) in (\S+)$/, (m) => `renseignez ${m[1]} dans ${m[2]}`],
  [
    /^connect one that does, or post (.+) to \/v1\/events$/,
    (m) => `connectez-en une qui le fait, ou envoyez ${m[1].replace(" with ", " avec ")} à /v1/events`,
  ],
  [
    /^no (\S+) that came is known to have had (\S+)$/,
    (m) => `aucun ${m[1]} reçu ne portait ${m[2]}, à envoyer`,
  ],
];

const said = (table, text) => {
  for (const [pattern, say] of table) {
    const match = pattern.exec(text);
    if (match) return say(match);
  }
  return text;
};

const remedy = (text) => said(REMEDIES, text);

const partly = (more) => (more ? " (ce qui est compté vient d'autres événements)" : "");

export function reason(text) {
  if (prefs.lang === "en") return text;
  const parts = text.replaceAll("; send it", "").split("; ");
  return parts.map((part) => said(REASONS, part)).join(" ; ");
}

// What a tile has room for, by what the reason says: nothing of types and addresses.
const SHORT = [
  [/^the plan names no number/, "unfed_number"],
  [/^the plan names no key questions/, "unfed_questions"],
  [/^no cost in the plan's currency/, "unfed_cost"],
  [/./, "unfed_source"],
];

export const shortly = (text) => t(SHORT.find(([pattern]) => pattern.test(text))[1]);
