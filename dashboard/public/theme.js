// Before the first paint: the chosen scheme, so that a dark page does not flash white.
(() => {
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("codesession.scheme") || "auto";
  } catch {
    // Storage may be switched off; then the system decides.
  }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
