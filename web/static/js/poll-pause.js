// Live pages ask every few seconds (an element with data-poll). A hidden tab does not ask; it asks at once when seen again.
(() => {
  "use strict";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.closest("[data-poll]")) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const poll of document.querySelectorAll("[data-poll]")) window.htmx.trigger(poll, "seen");
  });
})();
