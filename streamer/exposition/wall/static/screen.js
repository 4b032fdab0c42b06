// The page as a screen on the wall: everything larger, one channel after the other, no hands.

import { byId, h } from "./dom.js";
import { t } from "./words.js";

const SECONDS = 15;
// A phone has no room for it; the style sheet hides the button by the same width.
const narrow = matchMedia("(max-width: 640px)");

export class Rotation {
  constructor(slides) {
    this.slides = slides;
    this.at = -1;
    this.timer = null;
    document.addEventListener("fullscreenchange", () => document.fullscreenElement || this.stop());
    narrow.addEventListener("change", () => narrow.matches && this.stop());
    document.addEventListener("keydown", (event) => this.key(event));
  }

  // Full screen where the browser grants it.
  enter() {
    if (!narrow.matches) document.documentElement.requestFullscreen?.().catch(() => {});
    this.start();
  }

  start() {
    if (narrow.matches) return;
    document.documentElement.dataset.screen = "";
    byId("leave-screen").replaceChildren(
      h("button", { type: "button", class: "plain", text: t("screen_leave"), on: { click: () => this.stop() } }));
    clearInterval(this.timer);
    this.timer = setInterval(() => this.turn(1), SECONDS * 1000);
    this.turn(1);
  }

  stop() {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    delete document.documentElement.dataset.screen;
    for (const slide of this.slides()) slide.removeAttribute("data-shown");
    byId("leave-screen").replaceChildren();
    if (document.fullscreenElement) document.exitFullscreen();
  }

  turn(by) {
    const slides = this.slides();
    if (!slides.length) return setTimeout(() => this.timer && this.at < 0 && this.turn(1), 300);
    this.at = (Math.max(this.at, by > 0 ? -1 : 0) + by + slides.length) % slides.length;
    slides.forEach((slide, n) => slide.toggleAttribute("data-shown", n === this.at));
  }

  key(event) {
    if (this.timer === null || document.querySelector("dialog[open]")) return;
    const moves = { ArrowRight: 1, ArrowLeft: -1 };
    if (event.key === "Escape") this.stop();
    else if (moves[event.key]) {
      // Whoever leafs by hand wants to read: the clock starts again.
      clearInterval(this.timer);
      this.timer = setInterval(() => this.turn(1), SECONDS * 1000);
      this.turn(moves[event.key]);
    }
  }
}
