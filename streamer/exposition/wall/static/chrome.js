// What every page has: the switches of language and theme, and dialogs.

import { byId, h, icon } from "./dom.js";
import { choose, isDark, onChoice, prefs } from "./prefs.js";
import { t, translate } from "./words.js";

export function segments(label, values, chosen, choose_) {
  const group = h("div", { class: "segments", role: "group", "aria-label": label });
  const mark = (value) => {
    for (const button of group.children) button.setAttribute("aria-pressed", String(button.value === value));
  };
  group.append(
    ...values.map(([value, text, name]) =>
      h("button", { type: "button", value, text, "aria-label": name, on: { click: () => { mark(value); choose_(value); } } }),
    ),
  );
  mark(chosen);
  return group;
}

function switches() {
  const theme = h("button", {
    type: "button", class: "plain", text: t(isDark() ? "light" : "dark"),
    on: { click: () => choose("theme", isDark() ? "light" : "dark") },
  });
  const languages = [["fr", "FR", "FR, français"], ["en", "EN", "EN, English"]];
  return [segments(t("language"), languages, prefs.lang, (value) => choose("lang", value)), theme];
}

// Fills the places that the page leaves for them, now and after each choice.
export function furnish(redraw) {
  const draw = () => {
    translate();
    const active = document.activeElement;
    const place = byId("switches");
    const held = place.contains(active) ? [...place.querySelectorAll("button")].indexOf(active) : -1;
    place.replaceChildren(...switches());
    if (held >= 0) place.querySelectorAll("button")[held]?.focus();
    redraw?.();
  };
  onChoice(draw);
  draw();
}

// A dialog that closes by its button, by Escape and by a click beside it.
export function dialog(title, content, className = "") {
  const name = h("h2", { id: "dialog-title", text: title });
  const box = h(
    "dialog",
    { class: className, "aria-labelledby": "dialog-title" },
    h("header", {}, name, h("button", { type: "button", class: "plain close", "aria-label": t("close"), on: { click: () => box.close() } }, icon("close"))),
    h("div", { class: "content" }, content),
  );
  box.addEventListener("click", (event) => event.target === box && box.close());
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}
