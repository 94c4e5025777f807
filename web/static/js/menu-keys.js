// A page of the menu by its letter (aria-keyshortcuts), wherever nobody is typing.
(() => {
  "use strict";
  const typed = "input, textarea, select, [contenteditable]";

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    if (event.target.closest && event.target.closest(typed)) return;
    if (!/^[a-z]$/.test(event.key)) return;
    const link = document.querySelector(`a[aria-keyshortcuts="${event.key}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });
})();
