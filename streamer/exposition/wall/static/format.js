// Numbers for people, in the language chosen. What has no value is a dash, never a zero.

import { prefs } from "./prefs.js";

export const NONE = "–";
const made = new Map();

function formatter(options) {
  const name = prefs.lang + JSON.stringify(options);
  if (!made.has(name)) {
    const locale = prefs.lang === "en" ? "en-GB" : "fr-FR";
    const kind = options.dates ? Intl.DateTimeFormat : Intl.NumberFormat;
    made.set(name, new kind(locale, options.dates ?? options));
  }
  return made.get(name);
}

export const count = (value) =>
  value === null || value === undefined
    ? NONE
    : formatter({ maximumFractionDigits: Number.isInteger(value) ? 0 : 2 }).format(value);

export function percent(value) {
  if (value === null || value === undefined) return NONE;
  const shown = Math.abs(value * 100);
  const digits = shown === 0 || shown >= 99.95 ? 0 : shown < 1 ? 2 : 1;
  // Something is never shown as nothing, nor all but something as all.
  if (shown > 0 && shown < 0.005) return `< ${percent(0.0001)}`;
  if (shown > 99.95 && shown < 100) return `> ${percent(0.999)}`;
  return formatter({
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

export function money(value, currency) {
  if (value === null || value === undefined) return NONE;
  const digits = Math.abs(value) >= 1000 ? 0 : 2;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  if (!/^[A-Z]{3}$/.test(currency)) return `${formatter(options).format(value)} ${currency}`;
  return formatter({ style: "currency", currency, ...options }).format(value);
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return NONE;
  const day = prefs.lang === "en" ? "d" : "j";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${formatter({ maximumFractionDigits: 1 }).format(seconds / 86400)} ${day}`;
}

export function ago(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const day = prefs.lang === "en" ? "d" : "j";
  const text =
    whole < 60
      ? `${whole} s`
      : whole < 3600
        ? `${Math.floor(whole / 60)} min`
        : whole < 172800
          ? `${Math.floor(whole / 3600)} h`
          : `${Math.floor(whole / 86400)} ${day}`;
  return prefs.lang === "en" ? `${text} ago` : `il y a ${text}`;
}

export function span(seconds) {
  if (seconds < 3600) return `${seconds / 60} min`;
  return `${seconds / 3600} h`;
}

const moment = (options) => (milliseconds) => formatter({ dates: options }).format(milliseconds);

export const clock = moment({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const day = moment({ day: "numeric", month: "long", year: "numeric" });
export const shortDay = moment({ day: "numeric", month: "short" });
export const hour = moment({ hour: "2-digit", minute: "2-digit" });
export const full = moment({ dateStyle: "medium", timeStyle: "medium" });

export function value(row) {
  if (!row || row.value === null) return NONE;
  if (row.unit === "ratio") return percent(row.value);
  if (row.unit === "seconds") return duration(row.value);
  if (row.unit === "count") return count(row.value);
  return money(row.value, row.unit);
}
