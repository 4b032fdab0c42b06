// What each visitor chooses: language, light or dark. An address may choose for a wall screen.

const asked = new URLSearchParams(location.search);
const listeners = new Set();

function stored(name) {
  try {
    return localStorage.getItem(`wall.${name}`);
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(`wall.${name}`, value);
  } catch {
    // A browser without storage forgets.
  }
}

const one = (value, words, otherwise) => (words.includes(value) ? value : otherwise);

export const prefs = {
  lang: one(asked.get("lang") ?? stored("lang"), ["fr", "en"], "fr"),
  theme: one(asked.get("theme") ?? stored("theme"), ["auto", "dark", "light"], "auto"),
};

const dark = matchMedia("(prefers-color-scheme: dark)");
export const isDark = () => prefs.theme === "dark" || (prefs.theme === "auto" && dark.matches);

function apply() {
  document.documentElement.lang = prefs.lang;
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
}

function told(name) {
  apply();
  for (const listener of listeners) listener(name);
}

export function choose(name, value) {
  prefs[name] = value;
  keep(name, value);
  told(name);
}

export const onChoice = (listener) => listeners.add(listener);

dark.addEventListener("change", () => told("theme"));
apply();
