// The page to log in on. An address that ends in `#TOKEN` fills the form in and sends it.

import { furnish } from "./chrome.js";
import { byId, put } from "./dom.js";
import { t } from "./words.js";

const why = document.querySelector("meta[name=why]").content;

furnish(() => {
  const text = why === "link" ? t("refused_link") : why.startsWith("refused-") ? t(why.replace("-", "_")) : "";
  put(byId("why"), text);
  document.title = `${t("login")} · ${t("wall")}`;
});

const token = decodeURIComponent(location.hash.slice(1));
if (token) {
  // It must not stay in the history.
  history.replaceState(null, "", location.pathname + location.search);
  byId("token").value = token;
  byId("login").requestSubmit();
}
