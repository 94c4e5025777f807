// The board opens where the day is now. While the server can't be reached the board stays as it is and says since when: the last poll that was answered.
(() => {
  "use strict";
  const box = document.querySelector("[data-as-of]");
  if (!box) return;
  const words = box.firstElementChild;
  const board = document.getElementById("board");
  let last = new Date(box.dataset.at);

  const clock = (at) => {
    const style = { hour: "numeric", minute: "2-digit", timeZone: box.dataset.zone };
    try { return at.toLocaleTimeString(document.documentElement.lang, style); } catch { return at.toLocaleTimeString(); }
  };
  const isPoll = (event) => Boolean(event.detail.elt?.closest("[data-says-itself]"));
  const lost = (event) => {
    if (!isPoll(event)) return;
    if (words.hidden) words.querySelector("[data-as-of-time]").textContent = clock(last);
    words.hidden = false;
    board?.classList.add("board--old");
  };

  const present = board?.querySelector(".board__now");
  if (present) board.scrollTop = present.offsetTop - board.clientHeight / 3;

  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  document.addEventListener("htmx:responseError", lost);
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (!isPoll(event)) return;
    last = new Date();
    words.hidden = true;
    board?.classList.remove("board--old");
  });
})();
