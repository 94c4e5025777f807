// A visit of the board opens beside it: the day stays where it is. Without this file its link leads to the visit's page.
(() => {
  "use strict";
  const beside = document.getElementById("beside");
  const board = document.getElementById("board");
  if (!beside || !board) return;
  const address = beside.parentElement.dataset.visitBeside;
  let open = null, asking = 0, missed = false;

  const link = (id) => document.getElementById(`visit-${id}`);
  const mark = () => {
    for (const one of board.querySelectorAll(".visit--open")) one.classList.remove("visit--open");
    if (open) board.querySelector(`[data-visit="${open}"]`)?.classList.add("visit--open");
  };
  const place = (id) => {
    const here = window.location.pathname + window.location.search;
    window.history.replaceState(null, "", id ? `${here}#visit-${id}` : here);
  };

  const show = async (id, focus) => {
    // What came of the last press was said once: the server does not know it any more.
    const said = !focus && open === id ? [...(beside.querySelector(".panel__messages")?.children ?? [])] : [];
    open = id;
    mark();
    await window.htmx.ajax("GET", address.replace("/0/", `/${id}/`), { target: beside, swap: "innerHTML", source: beside });
    if (open !== id || !beside.firstElementChild) return;
    beside.querySelector(".panel__messages")?.prepend(...said);
    beside.hidden = false;
    place(id);
    // Nobody asked for what only follows the board: the focus stays where it is.
    if (!focus) beside.querySelector("[autofocus]")?.removeAttribute("autofocus");
    if (focus) beside.querySelector("h2")?.focus({ preventScroll: true });
  };
  const close = () => {
    const id = open;
    open = null;
    beside.hidden = true;
    beside.replaceChildren();
    beside.dispatchEvent(new CustomEvent("closed"));
    mark();
    place(null);
    link(id)?.focus({ preventScroll: true });
  };
  const isBusy = () => beside.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");

  // Changed by somebody else: shown at once, unless something is being typed or decided, which must not be lost.
  const compare = () => {
    mark();
    const shown = beside.querySelector("[data-visit]");
    if (!open || !shown) return;
    const now = board.querySelector(`[data-visit="${open}"]`);
    if (now && Number(now.dataset.version) <= Number(shown.dataset.version)) return;
    // The board has heard of what was pressed here before the answer is here: it says what came of it, and is newer.
    missed = asking > 0;
    if (missed) return;
    if (!isBusy() && beside.querySelector("[data-follows]")) show(open, false);
    else beside.querySelector(".beside__changed").hidden = false;
  };

  board.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.defaultPrevented) return;
    const target = event.target.closest('a[id^="visit-"]');
    if (!target) return;
    event.preventDefault();
    show(target.id.slice("visit-".length), true);
  });
  beside.addEventListener("click", (event) => {
    if (!event.target.closest("[data-beside-close]")) return;
    event.preventDefault();
    close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open && !event.defaultPrevented && !document.querySelector("dialog[open]")) close();
  });
  // A visit that came here otherwise, dropped on another time, is the one that is open.
  beside.addEventListener("htmx:afterSettle", () => {
    const shown = beside.querySelector("[data-visit]")?.dataset.visit;
    if (!shown || shown === open) return;
    open = shown;
    mark();
    place(shown);
  });
  board.addEventListener("htmx:afterSwap", compare);
  beside.addEventListener("htmx:beforeSend", () => { asking += 1; });
  beside.addEventListener("htmx:afterRequest", () => {
    asking -= 1;
    if (!asking && missed) compare();
  });

  const asked = /^#visit-(\d+)$/.exec(window.location.hash);
  if (asked && link(asked[1])) window.addEventListener("load", () => show(asked[1], false), { once: true });
})();
