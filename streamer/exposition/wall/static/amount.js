// Sums of money as people write them in each language, and what is meant by them.

import { prefs } from "./prefs.js";

// How thousands are grouped, and what stands before the decimals.
const STYLES = {
  fr: { group: "[\\s'’]", point: "[,.]" },
  en: { group: "[\\s,]", point: "\\." },
};
// A lone mark before three digits is a decimal's to some and a thousands' to others.
const EITHER = /^[-+]?[1-9]\d{0,2}[.,]\d{3}$/;

const styles = {};
function style() {
  const { group, point } = STYLES[prefs.lang] ?? STYLES.fr;
  return (styles[prefs.lang] ??= new RegExp(`^([-+]?)(\\d+|[1-9]\\d{0,2}(?:(${group})\\d{3})(?:\\3\\d{3})*)(?:${point}(\\d+))?$`));
}

// The decimal string that is meant, or null when it is no amount or could be two.
export function readAmount(text) {
  const written = text.trim().replaceAll("−", "-");
  const found = style().exec(written);
  const isGrouped = found?.[3] !== undefined;
  if (!found || (EITHER.test(written) && !isGrouped)) return null;
  const whole = found[2].replace(/\D/g, "");
  return `${found[1] === "-" ? "-" : ""}${whole}${found[4] ? `.${found[4]}` : ""}`;
}

const places = (decimal) => (decimal.split(".")[1] ?? "").length;

// The amount as this language writes it, with all its decimals: with its currency when it has one.
export function writeAmount(decimal, currency = null) {
  const locale = prefs.lang === "en" ? "en-GB" : "fr-FR";
  const own = places(decimal);
  // Three decimals alone would be read as thousands.
  const digits = Math.min(20, Math.max(2, own === 3 ? 4 : own));
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  if (!currency) return new Intl.NumberFormat(locale, options).format(decimal);
  if (!/^[A-Z]{3}$/.test(currency)) return `${writeAmount(decimal)} ${currency}`;
  return new Intl.NumberFormat(locale, { ...options, style: "currency", currency, currencyDisplay: "code" }).format(decimal);
}

// A plan's cost, a number or a text, as a decimal string; one that is neither as it is.
export function plainAmount(value) {
  if (typeof value !== "number") return value;
  return /e/.test(String(value)) ? value.toFixed(6) : String(value);
}
