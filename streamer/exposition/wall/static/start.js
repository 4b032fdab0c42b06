// Runs before anything is painted: the theme that was chosen, so that nothing flashes.
{
  const asked = new URLSearchParams(location.search);
  let [theme, lang] = [asked.get("theme"), asked.get("lang")];
  try {
    theme ??= localStorage.getItem("wall.theme");
    lang ??= localStorage.getItem("wall.lang");
  } catch {
    // A browser without storage takes what the system says.
  }
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.lang = lang === "en" ? "en" : "fr";
}
