// Light or dark. Loaded before the page is drawn, so that it never flashes. Without a choice the system decides.
(() => {
  "use strict";
  const KEY = "theme";
  const root = document.documentElement;
  const dark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : window.matchMedia("(prefers-color-scheme: dark)").matches;

  const kept = (() => {
    try { return window.localStorage.getItem(KEY); } catch { return null; }
  })();
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(dark()));
      button.addEventListener("click", () => {
        root.dataset.theme = dark() ? "light" : "dark";
        button.setAttribute("aria-pressed", String(dark()));
        try { window.localStorage.setItem(KEY, root.dataset.theme); } catch { /* kept for this page only */ }
      });
    }
  });
})();
