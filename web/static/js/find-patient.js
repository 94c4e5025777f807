// Finding a patient by keyboard (data-find-patient): arrow keys go through who is found (data-found), Enter opens the
// first, Escape goes back to what was typed. Enter before the answer is there waits for it, and what was typed before the
// page could listen, or was put back by the browser, is looked up once it can.
(() => {
  "use strict";
  const answered = new WeakMap();
  const waiting = new WeakSet();
  const fieldOf = (box) => box.querySelector("input[type=search]");
  const rowsOf = (box) => [...box.querySelectorAll("[data-found]")];
  const typed = (box) => fieldOf(box).value.trim();

  const open = (box) => {
    waiting.delete(box);
    rowsOf(box)[0]?.click();
  };

  const enter = (box) => {
    if (typed(box).length < 2) return;
    if (answered.get(box) === typed(box)) open(box);
    else {
      waiting.add(box);
      window.htmx.trigger(fieldOf(box), "find-now");
    }
  };

  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("[data-find-patient]");
    if (!box || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const rows = rowsOf(box);
    const at = rows.indexOf(event.target);
    const field = fieldOf(box);
    if (event.key === "ArrowDown" && (at >= 0 || event.target === field)) {
      event.preventDefault();
      rows[Math.min(at + 1, rows.length - 1)]?.focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (at ? rows[at - 1] : field).focus();
    } else if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      enter(box);
    } else if (at >= 0 && (event.key === "Escape" || (event.key.length === 1 && event.key !== " "))) {
      // A letter goes on where it was left off.
      if (event.key === "Escape") event.preventDefault();
      field.focus();
    }
  });

  const boxAround = (event) => event.detail.elt?.closest("[data-find-patient]");
  document.addEventListener("htmx:beforeRequest", (event) => {
    const box = boxAround(event);
    if (box) event.detail.xhr.asked = typed(box);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const box = boxAround(event) ?? event.target.closest?.("[data-find-patient]");
    if (!box) return;
    answered.set(box, event.detail.xhr.asked);
    if (waiting.has(box) && answered.get(box) === typed(box)) open(box);
  });

  document.addEventListener("htmx:load", (event) => {
    for (const box of event.target.querySelectorAll("[data-find-patient]")) {
      const field = fieldOf(box);
      if (field.value !== field.defaultValue && typed(box).length >= 2) window.htmx.trigger(field, "find-now");
    }
  });
})();
