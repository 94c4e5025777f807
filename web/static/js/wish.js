// A wish is looked for while it is typed: a moment after the last letter, never after Enter was pressed.
(() => {
  "use strict";
  const PAUSE = 400;
  const form = document.querySelector("[data-wish]");
  if (!form) return;
  const words = form.querySelector("input[name=words]");
  let timer = 0;

  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (document.activeElement === words) form.dispatchEvent(new CustomEvent("typed"));
    }, PAUSE);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
})();
