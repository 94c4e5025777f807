// A button with data-print prints the page; it is hidden where scripts don't run, and the browser's own menu prints.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
