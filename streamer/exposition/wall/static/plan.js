// The plan of a campaign: when it begins and ends, and the pace that it asks for.

// The moment, in milliseconds, at which a day begins in a time zone.
function midnight(year, month, date, zone) {
  const wanted = Date.UTC(year, month, date);
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  });
  const offset = (at) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - at;
  };
  const first = wanted - offset(wanted);
  return wanted - offset(first);
}

// A plan's date: a bare one is its whole day in the plan's zone. Null when it says nothing.
export function moment(text, zone, isEnd) {
  if (typeof text !== "string") return null;
  const bare = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!bare) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? null : at;
  }
  const [year, month, date] = bare.slice(1).map(Number);
  try {
    return midnight(year, month - 1, date + (isEnd ? 1 : 0), zone || "UTC");
  } catch {
    return midnight(year, month - 1, date + (isEnd ? 1 : 0), "UTC");
  }
}

const DAY = 86_400_000;
const WEEK = 7;

// Where a channel stands: `kind`, and the numbers that go with it. `lastWeek` is what was done in
// the last seven days (null: not known yet), `since` when the channel was first heard of. A week is
// looked back on, so that a Sunday is not called slow.
export function progress({ plan, done, lastWeek, since, planned, now }) {
  if (!planned) return { kind: "no_plan" };
  const left = planned - done;
  const zone = plan?.time_zone;
  const start = moment(plan?.start, zone, false);
  const end = moment(plan?.end, zone, true);
  const expected =
    start !== null && end !== null && end > start
      ? Math.round(planned * Math.min(1, Math.max(0, (now - start) / (end - start))))
      : null;
  const base = { share: done / planned, expected, end };
  if (left <= 0) return { ...base, kind: "plan_done" };
  if (end === null) return { ...base, kind: "plan_no_end" };
  if (now >= end) return { ...base, kind: "plan_over", left };
  if (start !== null && now < start) return { ...base, kind: "plan_not_begun", start };
  // In the last day all that is left is due before the end, which is less than a day away.
  const need = Math.ceil(left / Math.max(1, (end - now) / DAY));
  const days = since === null ? 0 : (now - since) / DAY;
  // Less than a day of work says nothing of the pace.
  if (lastWeek === null || days < 1) return { ...base, kind: "pace_early", need };
  const pace = lastWeek / Math.min(WEEK, days);
  return { ...base, kind: pace >= need ? "pace_good" : "pace_short", need, pace };
}
