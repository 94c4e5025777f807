// The lock: after a while without use the page warns, then leaves the document until its user has given the password.
// It is kept in memory alone, with what was typed, and put back as it was. All tabs of one browser lock and open
// together. The server locks by itself as well; what asks by itself is marked, so that it never counts as use.
(() => {
  "use strict";
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.closest("[data-poll]")) event.detail.headers["X-Poll"] = "1";
  });

  const lock = document.getElementById("lock");
  if (!lock) return;
  const { after, warned, who } = lock.dataset;
  const live = lock.querySelector(".lock__live");
  const part = (name) => lock.querySelector(`[data-of="${name}"]`).content;
  const others = "BroadcastChannel" in window ? new BroadcastChannel("lock") : null;
  const SAID_EVERY = 20_000;
  let usedAt = Date.now();
  let saying = null;
  let away = null;
  let cameFrom = null;

  const post = (url, fields) => {
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const headers = { "X-CSRFToken": token, "HX-Request": "true" };
    return fetch(url, { method: "POST", headers, body: new URLSearchParams(fields) });
  };

  // Takes the warning back, and the focus with it.
  const calm = () => {
    const hadFocus = live.contains(document.activeElement);
    live.replaceChildren();
    if (hadFocus) cameFrom?.focus();
  };
  live.addEventListener("focusin", (event) => { cameFrom = event.relatedTarget ?? cameFrom; });

  const use = (event) => {
    if (away) return;
    usedAt = Date.now();
    // A press on the warning's own button is not over yet.
    if (event?.type !== "pointerdown" || !live.contains(event.target)) calm();
    if (saying) return;
    saying = window.setTimeout(() => {
      saying = null;
      if (away) return;
      others?.postMessage({ who, is: "used" });
      post(lock.dataset.stillHere, {}).then((answer) => { if (answer.status === 423) cover(); }, () => {});
    }, SAID_EVERY);
  };

  // Takes the page out of the document, so that nobody reads it there either.
  const takeAway = () => {
    const scrolled = [...document.querySelectorAll("*")]
      .filter((one) => one.scrollTop || one.scrollLeft)
      .map((one) => [one, one.scrollTop, one.scrollLeft]);
    const focused = document.activeElement;
    const dialogs = [...document.querySelectorAll("dialog:modal")];
    const title = document.title;
    const page = document.createDocumentFragment();
    page.append(...[...document.body.childNodes].filter((node) => node !== lock));
    return { page, scrolled, focused, dialogs, title };
  };

  const putBack = ({ page, scrolled, focused, dialogs, title }) => {
    document.body.prepend(page);
    document.title = title;
    for (const dialog of dialogs) {
      dialog.removeAttribute("open");
      dialog.showModal();
    }
    for (const [one, top, left] of scrolled) one.scrollTo({ top, left, behavior: "instant" });
    focused?.focus({ preventScroll: true });
    // HTMX stops asking for what is not in the document; a new element asks anew.
    for (const poll of document.querySelectorAll("[data-poll]")) {
      const anew = poll.cloneNode(true);
      poll.replaceWith(anew);
      window.htmx.process(anew);
    }
  };

  const cover = () => {
    if (away) return;
    calm();
    away = takeAway();
    document.title = lock.dataset.title;
    document.documentElement.dataset.locked = "";
    document.body.append(part("screen").cloneNode(true));
    document.body.querySelector("[name=password]").focus();
  };

  const uncover = () => {
    if (!away) return;
    document.body.querySelector(".lock__screen").remove();
    delete document.documentElement.dataset.locked;
    putBack(away);
    away = null;
    use();
  };

  const coverAll = () => {
    cover();
    others?.postMessage({ who, is: "locked" });
    post(lock.dataset.lock, { who }).catch(() => {});
  };

  const open = async (form) => {
    const said = form.querySelector("[data-lock-said]");
    const button = form.querySelector("button");
    button.disabled = true;
    const answer = await post(lock.dataset.open, new FormData(form)).catch(() => null);
    button.disabled = false;
    if (!answer || answer.status >= 500) said.textContent = part("not-reached").textContent;
    else if (answer.status === 422) said.textContent = await answer.text();
    else if (answer.status !== 204) window.location.reload();
    else {
      uncover();
      others?.postMessage({ who, is: "open" });
      return;
    }
    form.elements.password.select();
  };

  const takeOver = async (form) => {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (answer?.redirected) window.location.assign("/");
    else if (answer && !answer.ok) window.location.reload();
    else {
      const why = answer ? form.querySelector("[data-of=wrong]").content : part("not-reached");
      form.querySelector("[data-lock-said]").textContent = why.textContent;
      form.elements.password.select();
    }
  };

  const look = () => {
    const idle = (Date.now() - usedAt) / 1000;
    if (away) return;
    if (idle >= after) coverAll();
    else if (idle >= after - warned && !live.hasChildNodes()) live.append(part("warning").cloneNode(true));
  };

  for (const kind of ["keydown", "pointerdown", "click", "wheel", "touchmove"]) {
    document.addEventListener(kind, use, { passive: true, capture: true });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-lock-now]");
    if (!button) return;
    event.preventDefault();
    for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = false;
    coverAll();
    if (button.dataset.lockNow) {
      document.querySelector("[data-lock-other]").open = true;
      document.getElementById("other-username").focus();
    }
  });
  document.addEventListener("submit", (event) => {
    if (!away || !event.target.matches("[data-lock-form], [data-lock-take-over]")) return;
    event.preventDefault();
    if (event.target.matches("[data-lock-form]")) open(event.target);
    else takeOver(event.target);
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status === 423) cover();
  });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
  others?.addEventListener("message", ({ data }) => {
    if (data.who !== who) return;
    if (data.is === "used" && !away) {
      usedAt = Date.now();
      calm();
    }
    if (data.is === "locked") cover();
    if (data.is === "open") uncover();
  });
  window.setInterval(look, 1000);
  others?.postMessage({ who, is: "used" });
})();
