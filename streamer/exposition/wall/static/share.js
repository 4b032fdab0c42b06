// A read-only address of this campaign for a wall screen.

import { post, segment } from "./api.js";
import { dialog } from "./chrome.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { refusalOf } from "./problems.js";
import { t } from "./words.js";

export function openShare() {
  const days = h("input", { id: "days", type: "number", min: 1, max: 366, value: 30, required: true });
  const address = h("input", { readonly: true, "aria-label": t("share"), hidden: true });
  const copy = h("button", { type: "button", text: t("copy"), hidden: true, on: { click: () => {
    address.select();
    // The clipboard is for secure pages only; what is selected can be copied everywhere.
    navigator.clipboard?.writeText(address.value).then(() => { copy.textContent = t("copied"); });
  } } });
  const status = h("p", { class: "status", role: "status" });
  const form = h("form", {},
    h("p", { class: "field" }, h("label", { for: "days", text: t("link_days") }), days),
    h("p", { class: "actions" }, h("button", { type: "submit", class: "primary", text: t("link_make") })),
    h("p", { class: "address" }, address, copy), status);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const made = await post(`/wall/${segment()}/link`, { days: Number(days.value) });
      address.value = made.url;
      address.hidden = copy.hidden = false;
      address.select();
      status.textContent = t("link_until", { date: format.day(made.expires * 1000) });
    } catch (error) {
      status.textContent = t("not_saved", { detail: refusalOf(error) });
    }
  });
  dialog(t("share"), [h("p", { text: t("link_lead") }), form]);
}
