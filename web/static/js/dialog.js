// Dialogs: data-dialog-open="id" opens the <dialog id="id">, data-dialog-close closes the one around it.
// A dialog with data-dialog-now opens by itself, also when HTMX brings it in. Closing gives the focus back.
(() => {
  "use strict";
  const openers = new WeakMap();

  const show = (dialog, opener) => {
    if (!dialog || dialog.open) return;
    openers.set(dialog, opener);
    dialog.addEventListener("close", () => openers.get(dialog)?.focus(), { once: true });
    dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialogOpen);
      if (!dialog) return;
      event.preventDefault();
      show(dialog, opener);
    } else if (event.target.closest("[data-dialog-close]")) {
      event.target.closest("dialog")?.close();
    }
  });

  const showNow = (root) => {
    for (const dialog of root.querySelectorAll("dialog[data-dialog-now]")) show(dialog, document.activeElement);
  };
  document.addEventListener("DOMContentLoaded", () => showNow(document));
  document.addEventListener("htmx:afterSettle", (event) => showNow(event.target.parentElement ?? event.target));
})();
