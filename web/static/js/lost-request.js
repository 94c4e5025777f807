// When a request in the background fails, say so in the messages; take it back when the server answers again.
(() => {
  "use strict";
  const messages = () => document.getElementById("messages");
  const say = (id) => {
    // The page has left the document while it is locked.
    if (!messages() || messages().querySelector(`[data-from="${id}"]`)) return;
    const alert = document.getElementById(id).content.firstElementChild.cloneNode(true);
    alert.dataset.from = id;
    messages().append(alert);
  };
  const unsay = (id) => messages()?.querySelector(`[data-from="${id}"]`)?.remove();

  document.addEventListener("htmx:sendError", () => say("lost-request"));
  document.addEventListener("htmx:timeout", () => say("lost-request"));
  document.addEventListener("htmx:responseError", (event) => {
    if (![401, 423].includes(event.detail.xhr.status)) say("refused-request");
  });
  document.addEventListener("htmx:afterOnLoad", () => {
    unsay("lost-request");
    unsay("refused-request");
  });
})();
