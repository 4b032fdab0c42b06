// How much a ratio of few cases can say.

const Z = 1.959964; // 95 %

// Wilson's interval of `part` out of `whole` (Wilson 1927): sound for few cases and near 0 or 1.
export function wilson(part, whole) {
  const p = part / whole;
  const scale = 1 + (Z * Z) / whole;
  const middle = p + (Z * Z) / (2 * whole);
  const reach = Z * Math.sqrt((p * (1 - p)) / whole + (Z * Z) / (4 * whole * whole));
  return [Math.max(0, (middle - reach) / scale), Math.min(1, (middle + reach) / scale)];
}

// What is to be said of a KPI's sample: null when it is large, or no sample at all.
export function sampleOf(row, fact, minimum) {
  if (!fact.proportion || row.value === null || row.denominator >= minimum) return null;
  const whole = row.window === "campaign" && row.numerator >= 0 && row.numerator <= row.denominator;
  return { interval: whole ? wilson(row.numerator, row.denominator) : null };
}

// Whether there is enough to judge by: as many sends as the alert rules want, and beyond a limit as
// many cases. `sent` is the number of sends in the row's window.
export function isEnough(row, limits, minimum, sent) {
  return sent >= minimum && (row.numerator >= limits.least || !isBeyond(row, limits, limits.warning));
}

const isBeyond = (row, limits, limit) => (limits.falling ? row.value < limit : row.value >= limit);

// `warning`, `critical` or `good` by the KPI's limits; null when it has none or too few cases.
export function judge(row, limits, minimum, sent) {
  if (!limits || row.value === null || !isEnough(row, limits, minimum, sent)) return null;
  return isBeyond(row, limits, limits.critical) ? "critical" : isBeyond(row, limits, limits.warning) ? "warning" : "good";
}
