// Reading the gateway: with the key of the address, a bound on waiting, and the server's own clock.

const asked = new URLSearchParams(location.search);
const KEY = asked.get("key");
const PATIENCE = 5000;

export class Refusal extends Error {
  constructor(status, body) {
    super(body.detail ?? `${status}`);
    this.status = status;
    this.errors = body.errors ?? [];
  }
}

export class Unreachable extends Error {}

// A path's segment as it was sent: `a%2Fb` is one campaign.
export const segment = () => location.pathname.split("/")[2] ?? "";
export const campaign = () => decodeURIComponent(segment());

// These words are pages of their own; escaped, they are campaigns like any other.
const TAKEN = { login: "%6Cogin" };
export const pathOf = (name) => `/wall/${TAKEN[name] ?? encodeURIComponent(name)}`;

export function read(suffix, parameters = {}) {
  const query = new URLSearchParams(parameters);
  if (KEY) query.set("key", KEY);
  const text = query.toString();
  return `/v1/campaigns/${encodeURIComponent(campaign())}${suffix}${text ? `?${text}` : ""}`;
}

let ahead = 0;
// Milliseconds since 1970 by the gateway's clock: this machine's may be wrong.
export const now = () => Date.now() + ahead;

async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, {
      ...options,
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const date = Date.parse(answer.headers.get("date"));
    if (!Number.isNaN(date)) {
      const off = date - Date.now();
      // The header is whole seconds: corrected only when it says more than that.
      if (Math.abs(off - ahead) > 1500) ahead = off;
    }
    const text = await answer.text();
    const body = text ? JSON.parse(text) : {};
    if (answer.ok) return body;
    throw new Refusal(answer.status, body);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // A proxy in between may answer with a page of its own.
    if (answer && !answer.ok) throw new Refusal(answer.status, {});
    throw new Unreachable(String(error));
  }
}

export const get = (url) => ask(url, {});

export const post = (url, body) =>
  ask(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

// What the page knows of the catalogue; asked for until it comes.
export async function facts() {
  for (;;) {
    try {
      return await get("/wall/static/facts.json");
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
