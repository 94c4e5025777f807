// A wish is looked for while it is typed: a moment after the last letter, never after Enter was pressed.
(() => {
  "use strict";
  const PAUSE = 400;
  const form = document.querySelector("[data-wish]");
  if (!form) return;
  let timer = 0;

  // Asked of the form: the field is another one after an answer that puts other words into it.
  form.addEventListener("input", (event) => {
    const words = event.target;
    if (words.name !== "words") return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (document.activeElement === words) form.dispatchEvent(new CustomEvent("typed"));
    }, PAUSE);
  });
  form.addEventListener("submit", () => clearTimeout(timer));

  // Words that were kept are replaced by what is typed, not run together with it.
  const kept = form.elements.words;
  if (kept.autofocus && kept.value) {
    kept.focus();
    kept.select();
  }

  // Not all was understood: one goes on in the field, behind what was typed, wherever the press came from.
  document.addEventListener("htmx:load", (event) => {
    const words = form.elements.words;
    if (!event.target.matches("#found[data-stays]") || document.activeElement === words) return;
    words.focus();
    words.setSelectionRange(words.value.length, words.value.length);
  });
})();
