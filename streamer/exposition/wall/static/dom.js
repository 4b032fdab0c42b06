// Elements and SVG built by hand: text is always text, never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "text") element.textContent = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const h = (tag, properties, ...children) =>
  fill(document.createElement(tag), properties, children);

export const svg = (tag, properties, ...children) =>
  fill(document.createElementNS(SVG, tag), properties, children);

// Set only what differs: a screen reader and a selection are not disturbed for nothing.
export function put(element, text) {
  if (element.textContent === text) return false;
  element.textContent = text;
  return true;
}

export function flag(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

export const byId = (id) => document.getElementById(id);

const ICONS = {
  email: "M3 6h18v12H3zM3.5 6.5 12 13l8.5-6.5",
  phone: "M6.6 3.5 9.4 8 7.6 10.2a13 13 0 0 0 6.2 6.2L16 14.6l4.5 2.8c-.3 2-1.7 3.1-3.6 3.1C9.9 20 4 14.1 3.5 7.1 3.5 5.2 4.6 3.8 6.6 3.5z",
  linkedin: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20.5c.6-4 4-6 8-6s7.4 2 8 6",
  postal: "M3 9.5 12 4l9 5.5V20H3zM3 10l9 6 9-6",
  sms: "M4 5h16v11H11l-4.5 4v-4H4z",
  back: "M14.5 5 7.5 12l7 7",
  close: "M6 6l12 12M18 6 6 18",
};

export const icon = (name) =>
  svg(
    "svg",
    { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" },
    svg("path", { d: ICONS[name] }),
  );
