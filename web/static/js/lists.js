// The desk's lists: j and k (or the arrows, from a row) go from row to row. A list that somebody is using is not replaced
// under their hands, and after a replacement the focus is in the row where it was, and an answer where it stood.
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
    (next.querySelector("#answer") ?? next).focus();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("[data-waits-while-used]")) return;
    const inUse = lists().querySelector(".work details[open]") || (lists().contains(document.activeElement) && isTyping(document.activeElement));
    if (inUse) event.preventDefault();
  });

  // What came of the last press was said once: the server does not know it any more.
  let place = "", answer = null;
  const keep = (said) => ({
    said, row: said.closest("[data-row]")?.previousElementSibling.id ?? "",
    list: said.closest("section").id, hadFocus: said.contains(document.activeElement),
  });
  const putBack = ({ said, row, list, hadFocus }) => {
    const above = document.getElementById(row);
    if (above?.checkVisibility()) {
      const item = document.createElement("li");
      item.dataset.row = "";
      item.append(said);
      above.after(item);
    } else {
      document.querySelector(`#${list} h2`).after(said);
    }
    if (hadFocus) said.focus({ preventScroll: true });
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== lists()) return;
    // Opened while the answer was on its way.
    if (lists().querySelector(".work details[open]")) event.detail.shouldSwap = false;
    place = document.activeElement?.closest?.("#lists [data-row]")?.id ?? "";
    const said = document.getElementById("answer");
    answer = said && keep(said);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== lists()) return;
    if (place) document.getElementById(place)?.focus({ preventScroll: true });
    if (answer) putBack(answer);
    answer = null;
  });
})();
