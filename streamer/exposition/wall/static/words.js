// Every text of the pages in both languages.

import { prefs } from "./prefs.js";

const WORDS = {
  wall: ["Mur des campagnes", "Campaign wall"],
  campaigns: ["Campagnes", "Campaigns"],
  skip: ["Aller aux chiffres", "Skip to the figures"],
  login: ["Connexion", "Log in"],
  login_lead: ["Le mur des campagnes montre des chiffres réservés à l'équipe.", "The campaign wall shows figures that are the team's own."],
  token: ["Jeton d'accès", "Access token"],
  token_hint: ["Affiché par « streamer up » ou « streamer demo », ou donné par la personne qui administre.", "Printed by “streamer up” or “streamer demo”, or given by whoever administers."],
  enter: ["Entrer", "Enter"],
  refused_401: ["Ce jeton n'est pas valable.", "This token is not valid."],
  refused_429: ["Trop d'essais : patientez quelques minutes.", "Too many attempts: wait a few minutes."],
  refused_403: ["La demande vient d'une autre page : ouvrez cette adresse directement.", "The request comes from another page: open this address directly."],
  refused_link: ["Ce lien n'est plus valable : il a expiré ou a été révoqué.", "This link is no longer valid: it has expired or was revoked."],
  logout: ["Déconnexion", "Log out"],
  theme: ["Thème", "Theme"],
  dark: ["Sombre", "Dark"],
  light: ["Clair", "Light"],
  language: ["Langue", "Language"],
  window: ["Fenêtre", "Window"],
  w_campaign: ["Campagne", "Campaign"],
  w_24h: ["24 h", "24 h"],
  w_1h: ["1 h", "1 h"],
  w_5m: ["5 min", "5 min"],
  over_campaign: ["sur toute la campagne", "over the whole campaign"],
  over_24h: ["sur les 24 dernières heures", "over the last 24 hours"],
  over_1h: ["sur la dernière heure", "over the last hour"],
  over_5m: ["sur les 5 dernières minutes", "over the last 5 minutes"],
  whole: ["campagne", "campaign"],
  screen: ["Plein écran", "Full screen"],
  screen_leave: ["Quitter", "Leave"],
  share: ["Lien d'écran", "Screen link"],
  add: ["Saisir", "Enter data"],
  close: ["Fermer", "Close"],
  // State of the numbers
  s_connecting: ["Connexion…", "Connecting…"],
  s_live: ["En direct", "Live"],
  s_offline: ["Passerelle injoignable", "Gateway unreachable"],
  s_store: ["Chiffres illisibles", "Figures unreadable"],
  s_stale: ["Chiffres arrêtés", "Figures have stopped"],
  s_unknown: ["Campagne inconnue", "Unknown campaign"],
  s_denied: ["Accès terminé", "Access ended"],
  x_offline: ["La passerelle ne répond pas. Les chiffres grisés datent de {at} ; nouvel essai en continu.", "The gateway does not answer. The greyed figures are of {at}; trying again continuously."],
  x_store: ["La passerelle répond, mais ne peut pas lire les chiffres (Redis ou le comptage est absent). Les chiffres grisés datent de {at}.", "The gateway answers but cannot read the figures (Redis or the counting is away). The greyed figures are of {at}."],
  x_stale: ["Le comptage ne publie plus depuis {at} : ces chiffres sont anciens.", "The counting has published nothing since {at}: these figures are old."],
  x_unknown: ["Aucun événement de cette campagne n'a encore été reçu. Cette page s'animera au premier.", "No event of this campaign was received yet. This page comes alive with the first one."],
  x_denied: ["La session ou le lien n'est plus valable. Rechargez la page pour vous connecter.", "The session or the link is no longer valid. Reload the page to log in."],
  x_none: ["Pas encore de chiffres.", "No figures yet."],
  x_incomplete: ["Chiffres incomplets : un enregistrement illisible a été mis de côté par l'exploitation.", "Incomplete figures: an unreadable record was set aside by the operator."],
  // Global row
  overall: ["L'ensemble", "Overall"],
  g_meeting: ["Rendez-vous", "Meetings"],
  g_customer: ["Clients gagnés", "Customers won"],
  g_cac: ["Coût d'acquisition", "Acquisition cost"],
  g_cost: ["Coût par RDV", "Cost per meeting"],
  g_reactivity: ["Réactivité", "Reactivity"],
  of_contacted: ["{rate} {n|du|des} {n} {n|prospect contacté|prospects contactés}", "{rate} of {n} {n|prospect|prospects} contacted"],
  of_leads: ["{rate} {n|du|des} {n} {n|lead qualifié|leads qualifiés}", "{rate} of {n} qualified {n|lead|leads}"],
  for_customers: ["{cost} pour {n} {n|client|clients}", "{cost} for {n} {n|customer|customers}"],
  for_meetings: ["{cost} pour {n} RDV", "{cost} for {n} {n|meeting|meetings}"],
  answer_in: ["réponse en {delay} en moyenne", "answer in {delay} on average"],
  no_delay: ["pas encore de réponse", "no answer yet"],
  canceled: ["{n} {n|annulé|annulés}", "{n} canceled"],
  // Plan
  plan: ["Plan", "Plan"],
  planned_of: ["{done} sur {planned}", "{done} of {planned}"],
  no_plan: ["Le plan ne fixe pas de nombre", "The plan names no number"],
  plan_done: ["Plan atteint", "Plan reached"],
  plan_over: ["Campagne terminée, il manque {n}", "Campaign over, {n} short"],
  plan_no_end: ["Le plan n'a pas de date de fin : pas d'allure à tenir", "The plan has no end date: no pace to keep"],
  plan_not_begun: ["Commence {when}", "Begins {when}"],
  pace_good: ["Allure tenue : {now}/j, il en faut {need}", "On pace: {now}/day, {need} needed"],
  pace_short: ["Trop lent : {now}/j, il en faut {need}", "Too slow: {now}/day, {need} needed"],
  pace_early: ["Il en faut {need}/j", "{need}/day needed"],
  until: ["jusqu'au {date}", "until {date}"],
  expected_here: ["attendu à cette heure : {n}", "expected by now: {n}"],
  // Channels and tiles
  jump: ["Canaux", "Channels"],
  funnel: ["Parcours", "Funnel"],
  last_event: ["reçu {ago}", "heard {ago}"],
  silent: ["source muette : {ago}", "source silent: {ago}"],
  never: ["rien reçu", "nothing received"],
  unused: ["Canal sans événement dans cette campagne", "Channel without any event in this campaign"],
  no_value: ["pas de valeur", "no value"],
  no_base: ["rien à diviser : {what} = 0", "nothing to divide by: {what} = 0"],
  cannot: ["non alimenté : {why}", "not fed: {why}"],
  small: ["petit échantillon", "small sample"],
  interval: ["entre {low} et {high} (95 %)", "between {low} and {high} (95%)"],
  warning: ["à surveiller", "watch"],
  critical: ["critique", "critical"],
  good: ["conforme", "in order"],
  of: ["{n} sur {d}", "{n} of {d}"],
  grey_tile: ["source muette", "source silent"],
  // Reps
  reps: ["Par commercial", "By sales rep"],
  rep: ["Commercial", "Sales rep"],
  rep_rate: ["Décroché", "Connected"],
  rep_conversion: ["RDV / décrochés", "Meetings / connected"],
  no_reps: ["Aucun appel dont le commercial soit connu {over}.", "No call whose sales rep is known {over}."],
  // History
  history: ["Évolution", "History"],
  range_6h: ["6 h", "6 h"],
  range_24h: ["24 h", "24 h"],
  range_7d: ["7 j", "7 d"],
  range_30d: ["30 j", "30 d"],
  per: ["par {step}", "per {step}"],
  chart_label: ["{what}, {range} : total {total}, maximum {max} {per}", "{what}, {range}: total {total}, maximum {max} {per}"],
  contacts: ["contacts", "contacts"],
  // Sources
  sources: ["Sources", "Sources"],
  source: ["Source", "Source"],
  sends: ["Envoie", "Sends"],
  last: ["Dernier événement", "Last event"],
  fresh: ["active", "active"],
  is_silent: ["muette", "silent"],
  // Detail
  how: ["Comment ce chiffre est compté", "How this number is counted"],
  formula: ["Formule", "Formula"],
  counted: ["Ce qui est compté", "What is counted"],
  numerator: ["Numérateur", "Numerator"],
  denominator: ["Dénominateur", "Denominator"],
  result: ["Résultat", "Result"],
  fed_by: ["Sources", "Sources"],
  attribution: ["Attribution", "Attribution"],
  attributed: ["{n} × {what}, rattachés au dernier contact de la personne", "{n} × {what}, attributed to the person's latest contact"],
  named: ["{n} nommés par leur source", "{n} named by their source"],
  unattributed: ["{n} sans contact connu dans toute la campagne : en attente, hors de ce chiffre", "{n} without a known contact in the whole campaign: waiting, not in this number"],
  all_named: ["Rien n'est rattaché par déduction : chaque événement nomme son contact.", "Nothing is attributed by deduction: every event names its touch."],
  threshold: ["Seuils", "Limits"],
  from_up: ["à surveiller dès {warning}, critique dès {critical}", "watch from {warning}, critical from {critical}"],
  from_down: ["à surveiller sous {warning}, critique sous {critical}", "watch below {warning}, critical below {critical}"],
  not_judged: ["Moins de {n} : trop peu pour juger, donc sans couleur.", "Fewer than {n}: too few to judge, hence no colour."],
  read_more: ["source", "source"],
  sample: ["Échantillon", "Sample"],
  sample_text: ["Petit échantillon : avec {d} cas, la valeur vraie est entre {low} et {high} (intervalle de Wilson à 95 %).", "Small sample: with {d} cases, the true value is between {low} and {high} (Wilson interval at 95%)."],
  sample_window: ["Petit échantillon : {d} cas dans la fenêtre. Les réponses d'une fenêtre peuvent venir d'envois plus anciens : il n'y a pas d'intervalle.", "Small sample: {d} cases in the window. The answers of a window may come from earlier sends: there is no interval."],
  left_out: ["Laissé de côté, dans une autre devise : {what}", "Left out, in another currency: {what}"],
  whole_only: ["Ce KPI n'existe que sur toute la campagne.", "This KPI exists for the whole campaign only."],
  distinct: ["Chaque chose compte une fois, à la date la plus ancienne qui la prouve ; les répétitions ne comptent pas.", "Each thing counts once, at the earliest time that proves it; repetitions do not count."],
  // Entry
  entry: ["Saisir une information", "Enter what you know"],
  entry_lead: ["Devient un événement comme les autres, de source {source}.", "Becomes an event like any other, of source {source}."],
  e_plan: ["Le plan", "The plan"],
  e_cost: ["Un coût", "A cost"],
  e_negative: ["Cette réponse était négative", "This reply was negative"],
  e_meeting: ["Cet appel a donné un rendez-vous", "This call led to a meeting"],
  e_won: ["Cette affaire est gagnée", "This deal is won"],
  f_name: ["Nom de la campagne", "Campaign's name"],
  f_planned: ["{channel} prévus", "{channel} planned"],
  f_cost: ["Coût du plan", "Cost of the plan"],
  f_currency: ["Devise", "Currency"],
  f_key_questions: ["Questions clés par appel", "Key questions per call"],
  f_start: ["Début", "Start"],
  f_end: ["Fin", "End"],
  f_time_zone: ["Fuseau horaire", "Time zone"],
  f_amount: ["Montant", "Amount"],
  f_channel: ["Canal", "Channel"],
  f_no_channel: ["aucun en particulier", "none in particular"],
  f_message: ["Identifiant du contact (message)", "Touch's identifier (message)"],
  f_call: ["Identifiant de l'appel", "Call's identifier"],
  f_subject: ["Identifiant du prospect", "Prospect's identifier"],
  f_time: ["Quand", "When"],
  either: ["L'un des deux suffit ; sans contact, la réponse va au dernier contact du prospect.", "One of the two is enough; without a touch the reply goes to the prospect's latest one."],
  plan_replaces: ["Le plan remplace le précédent en entier : un champ vide n'a plus de valeur.", "The plan replaces the one before as a whole: an empty field has no value any more."],
  plan_unread: ["Le plan en vigueur ne peut pas être lu pour l'instant : attendez avant de le remplacer.", "The plan in force cannot be read right now: wait before replacing it."],
  save: ["Enregistrer", "Save"],
  saving: ["Enregistrement…", "Saving…"],
  saved: ["Enregistré : c'est en sécurité, et compté dans un instant.", "Saved: it is safe, and counted in a moment."],
  not_saved: ["Non enregistré : {detail}", "Not saved: {detail}"],
  try_again: ["Pas de réponse : réessayez, cela ne comptera qu'une fois.", "No answer: try again, it will count once only."],
  // Link
  link_lead: ["Une adresse en lecture seule de cette campagne, pour un écran mural. Elle s'ouvre sans jeton ; changer le jeton qui l'a créée la révoque.", "A read-only address of this campaign for a wall screen. It opens without a token; changing the token that made it revokes it."],
  link_days: ["Valable (jours)", "Valid for (days)"],
  link_make: ["Créer le lien", "Make the link"],
  link_until: ["Valable jusqu'au {date}", "Valid until {date}"],
  copy: ["Copier", "Copy"],
  copied: ["Copié", "Copied"],
  // Overview
  o_lead: ["{n} {n|campagne|campagnes}, {fresh} en direct", "{n} {n|campaign|campaigns}, {fresh} live"],
  o_none: ["Aucune campagne encore. Elle apparaît à son premier événement.", "No campaign yet. One appears with its first event."],
  o_search: ["Chercher une campagne", "Find a campaign"],
  o_fresh: ["en direct", "live"],
  o_stale: ["arrêtée depuis {ago}", "stopped since {ago}"],
  o_ended: ["terminée", "over"],
  o_progress: ["Plan réalisé", "Plan done"],
  o_contacted: ["Contactés", "Contacted"],
  o_activity: ["Dernier événement", "Last event"],
  none_match: ["Aucune campagne de ce nom.", "No campaign of that name."],
  noscript: ["", ""],
  legend: ["Gris : ancien ou muet. « – » : pas de valeur, ce qui n'est pas zéro. Couleur : seuil connu du métier, dès {n} cas.", "Grey: old or silent. “–”: no value, which is not zero. Colour: a limit known in the trade, from {n} cases."],
  docs: ["API", "API"],
};

export function t(key, values = {}) {
  const [fr, en] = WORDS[key] ?? [key, key];
  // `{n|one|more}` chooses by a number; in French nought is one too.
  const one = prefs.lang === "en" ? ["1"] : ["0", "1"];
  return (prefs.lang === "en" ? en : fr)
    .replace(/\{(\w+)\|([^|}]*)\|([^}]*)\}/g, (_, name, a, b) => (one.includes(String(values[name])) ? a : b))
    .replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const pick = (label) => label[prefs.lang] ?? label.fr;

// The server gives its reasons in English; these are all that there are.
const REASONS = [
  [/^no (\w+) event has come$/, (m) => `aucun événement ${m[1]} n'est arrivé`],
  [/^none of these types has come: (.*)$/, (m) => `aucun de ces types n'est arrivé : ${m[1]}`],
  [/^the plan names no number for (\w+)$/, () => "le plan ne fixe pas de nombre pour ce canal"],
  [/^the plan names no key questions$/, () => "le plan ne dit pas le nombre de questions clés"],
  [/^no cost in the plan's currency is known$/, () => "aucun coût connu dans la devise du plan"],
];

export function reason(text) {
  if (prefs.lang === "en") return text;
  const french = (part) => {
    for (const [pattern, say] of REASONS) {
      const match = pattern.exec(part);
      if (match) return say(match);
    }
    return part;
  };
  return text.split("; ").map(french).join(" ; ");
}

// Elements of the page that carry a key say it in the language chosen.
export function translate(root = document) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]"))
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of root.querySelectorAll("[data-t-placeholder]"))
    element.setAttribute("placeholder", t(element.dataset.tPlaceholder));
}
