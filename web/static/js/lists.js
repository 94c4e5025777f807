// The desk's lists: j and k (or the arrows, from a row) go from row to row. A list that somebody is using is not replaced
// under their hands, and after a replacement the focus is in the row where it was.
(() => {
  "use strict";
  const lists = () => document.getElementById("lists");
  const rows = () => [...document.querySelectorAll("#lists [data-row]")].filter((row) => row.checkVisibility());
  const isTyping = (element) => element?.matches?.("input:not([type=hidden]), select, textarea");

  document.addEventListener("keydown", (event) => {
    const here = document.activeElement;
    if (event.altKey || event.ctrlKey || event.metaKey || isTyping(here)) return;
    const isRow = here?.matches?.("[data-row]");
    const step = event.key === "j" || (isRow && event.key === "ArrowDown") ? 1
      : event.key === "k" || (isRow && event.key === "ArrowUp") ? -1 : 0;
    if (!step) return;
    const all = rows();
    const at = all.indexOf(here?.closest?.("[data-row]"));
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("[data-waits-while-used]")) return;
    const inUse = lists().querySelector(".work details[open]") || (lists().contains(document.activeElement) && isTyping(document.activeElement));
    if (inUse) event.preventDefault();
  });

  let place = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== lists()) return;
    // Opened while the answer was on its way.
    if (lists().querySelector(".work details[open]")) event.detail.shouldSwap = false;
    place = document.activeElement?.closest?.("#lists [data-row]")?.id ?? "";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target === lists() && place) document.getElementById(place)?.focus({ preventScroll: true });
  });
})();
