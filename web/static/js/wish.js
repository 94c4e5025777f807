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
})();
