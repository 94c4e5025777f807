// When a request in the background fails, say so in the messages; take it back when the server answers again. What has
// data-says-itself says so in its own place.
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

  const saysItself = (event) => Boolean(event.detail.elt?.closest("[data-says-itself]"));
  const lost = (event) => {
    if (!saysItself(event)) say("lost-request");
  };

  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  document.addEventListener("htmx:responseError", (event) => {
    if (![401, 423].includes(event.detail.xhr.status) && !saysItself(event)) say("refused-request");
  });
  document.addEventListener("htmx:afterOnLoad", () => {
    unsay("lost-request");
    unsay("refused-request");
  });
})();
