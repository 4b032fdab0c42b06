// Sparklines and charts of the windowed counters, as SVG.

import { h, svg } from "./dom.js";

const path = (points) => points.map(([x, y], n) => `${n ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

// A small picture of counts by step; the last step is still being filled.
export function spark(points, width = 120, height = 30) {
  const most = Math.max(1, ...points.map(([, count]) => count));
  const at = points.map(([, count], n) => [
    (n / Math.max(1, points.length - 1)) * width,
    height - 2 - (count / most) * (height - 4),
  ]);
  const line = path(at);
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, class: "spark", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { d: `${line}L${width} ${height}L0 ${height}Z`, class: "area" }),
    svg("path", { d: line, class: "line" }),
  );
}

export function nice(most) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 2.5, 5, 10].map((n) => n * unit).find((n) => n >= most && Number.isInteger(n)) ?? most;
}

// A picture as wide as its place, drawn again when that changes: so letters keep the page's size.
// `draw` makes it from a width and a size of letters in pixels; `label` says it in words.
export function fitted(label, draw) {
  const frame = h("div", { class: "frame", role: "img", "aria-label": label });
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.round(frame.clientWidth);
    if (!width || width === drawn) return;
    drawn = width;
    frame.replaceChildren(draw(width, 0.8 * parseFloat(getComputedStyle(document.documentElement).fontSize)));
  }).observe(frame);
  return frame;
}

// Steps as bars, and over them a line for each further series; `tick` writes the time of a step.
export function chart({ series, tick, label, width, letter }) {
  const height = Math.round(letter * 14);
  const most = nice(Math.max(1, ...series.flatMap((points) => points.map(([, count]) => count))));
  const [left, right, top, bottom] = [(label(most).length + 2) * letter * 0.62, letter, letter, letter * 2];
  const [inner, tall] = [width - left - right, height - top - bottom];
  const steps = series[0].length;
  const x = (n) => left + (n / steps) * inner;
  const y = (count) => top + tall - (count / most) * tall;
  const grid = (most >= 2 && Number.isInteger(most / 2) ? [0, most / 2, most] : [0, most]).map((value) =>
    svg(
      "g",
      { class: "grid" },
      svg("line", { x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      svg("text", { x: left - letter * 0.6, y: y(value) + letter * 0.35, "text-anchor": "end", "font-size": letter, text: label(value) }),
    ),
  );
  const wide = Math.max(1, inner / steps - 1.5);
  const bars = series[0].map(([, count], n) =>
    count ? svg("rect", { class: "column", x: x(n), y: y(count), width: wide, height: top + tall - y(count) }) : null,
  );
  const lines = series.slice(1).map((points, number) =>
    svg("path", {
      class: `over over-${number + 1}`,
      d: path(points.map(([, count], n) => [x(n) + wide / 2, y(count)])),
    }),
  );
  // A time is written where it changes, as often as there is room.
  const times = series[0].map(([time]) => tick(time * 1000));
  const marks = times.map((text, n) => [text, n]).filter(([text, n]) => n && text !== times[n - 1]);
  const every = Math.max(1, Math.ceil((marks.length * letter * 6) / inner));
  const ticks = marks
    .filter(([, n], mark) => mark % every === 0 && x(n) + letter * 4 < width)
    .map(([text, n]) => svg("text", { class: "tick", x: x(n), y: height - letter * 0.4, "font-size": letter, text }));
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, class: "chart", "aria-hidden": "true" },
    ...grid, ...bars, ...lines, ...ticks,
  );
}
