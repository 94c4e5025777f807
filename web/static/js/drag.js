// Picking a visit of the board up: drag it with the mouse, or focus it and press m, then the arrow keys and Enter. The
// places where it may go light up, elsewhere it is said why not. Dropping shows what it would do; nothing is written
// here. Without this file the visit's page has the same as a form.
(() => {
  "use strict";
  const board = document.getElementById("board");
  const beside = document.getElementById("beside");
  if (!board || !beside || !window.htmx) return;
  const ROW = 5 * 60 * 1000;
  const FAR = 6;
  let held = null;
  let pressed = null;
  let swallow = false;

  const body = () => board.querySelector("[data-from]");
  const line = document.createElement("p");
  line.className = "carrying";
  line.setAttribute("role", "status");
  line.setAttribute("aria-live", "assertive");
  line.hidden = true;
  document.body.append(line);
  const say = (words, tone = "") => {
    line.hidden = !words;
    line.dataset.tone = tone;
    line.textContent = words;
  };

  const ask = async (path) => {
    const answer = await fetch(path, { headers: { Accept: "application/json" } });
    if (answer.redirected) window.location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const lost = () => document.dispatchEvent(new CustomEvent("htmx:sendError", { detail: { elt: board } }));

  const cell = (name, row, span) => {
    const one = document.createElement("li");
    one.className = `${name} r-${row} span-${span}`;
    one.setAttribute("aria-hidden", "true");
    return one;
  };
  const rowOf = (at) => Math.round((at - held.from) / ROW);
  const clear = () => {
    for (const one of board.querySelectorAll(".places, .landing")) one.remove();
    board.querySelector(".visit--carried")?.classList.remove("visit--carried");
    board.classList.remove("board--carrying");
  };

  const light = () => {
    clear();
    const block = board.querySelector(`[data-visit="${held.id}"]`);
    if (!block || !body()) return;
    block.classList.add("visit--carried");
    board.classList.add("board--carrying");
    const places = document.createElement("ol");
    places.className = "board__overlay places";
    for (const place of held.places) {
      const row = rowOf(place.at);
      if (row >= 0) places.append(cell("places__one", row, held.grid));
    }
    body().append(places);
    held.landing = cell("landing", rowOf(held.now), held.span);
    held.column = block.closest(".board__column");
    held.rowHeight = block.getBoundingClientRect().height / Number(/span-(\d+)/.exec(block.className)?.[1] ?? held.span);
  };

  const pickUp = async (block, byKeys) => {
    const link = block.querySelector("a[href]");
    const root = body();
    if (!link || !root) return;
    const mine = {
      id: block.dataset.visit, version: block.dataset.version, path: new URL(link.href).pathname, link, byKeys,
      from: Date.parse(root.dataset.from), grid: Math.max(1, Number(root.dataset.gridMinutes) / 5), places: [],
      why: new Map(), at: null, now: 0, span: 1, landing: null, column: null, rowHeight: 8,
    };
    held = mine;
    try {
      const found = await ask(`${mine.path}places/?day=${root.dataset.day}`);
      if (held !== mine) return;
      if (!found.now) {
        held = null;
        say(found.said, "bad");
        return;
      }
      mine.places = found.places.map((one) => ({ ...one, at: Date.parse(one.start) }));
      mine.now = Date.parse(found.now);
      mine.span = Math.max(1, Math.round(found.minutes / 5));
      mine.words = found;
      light();
      say(byKeys ? `${found.said} ${found.keys}` : found.said);
    } catch {
      held = null;
      say("");
      lost();
    }
  };

  const giveUp = () => {
    const words = held?.words?.given_up ?? "";
    clear();
    held = null;
    say(words);
  };

  const why = (at) => {
    const mine = held;
    if (mine.why.has(at)) return Promise.resolve(mine.why.get(at));
    return ask(`${mine.path}places/?at=${encodeURIComponent(new Date(at).toISOString())}`).then((said) => {
      mine.why.set(at, said);
      return said;
    });
  };

  let waiting = 0;
  const over = (at, column) => {
    const place = held.places.find((one) => one.at === at);
    if (held.at === at && held.column === column) return;
    held.at = at;
    held.column = column;
    held.landing.className = `landing r-${Math.max(0, rowOf(at))} span-${held.span}${place ? "" : " landing--bad"}`;
    held.landing.textContent = place?.said ?? "";
    column.append(held.landing);
    window.clearTimeout(waiting);
    if (place) {
      say(place.moves ? `${place.said}. ${held.words.makes_room}` : place.said, "good");
      return;
    }
    const mine = held;
    waiting = window.setTimeout(() => {
      why(at).then((said) => {
        if (held === mine && mine.at === at) say(said.said, said.rest ? "" : "bad");
      }, () => {});
    }, 160);
  };

  const drop = async () => {
    const { path, at, now, version, link } = held;
    if (at === null || at === now) {
      const words = at === now ? held.words.same_time : held.words.given_up;
      giveUp();
      say(words);
      link.focus();
      return;
    }
    const place = held.places.find((one) => one.at === at);
    held.landing.classList.add("landing--waits");
    board.querySelector(".places")?.remove();
    board.classList.remove("board--carrying");
    held = null;
    say("");
    const start = encodeURIComponent(new Date(at).toISOString());
    const address = `${path}move/?start=${start}&row_version=${version}${place?.moves ? "&repack=1" : ""}`;
    await window.htmx.ajax("GET", address, { target: beside, swap: "innerHTML", source: beside });
    beside.hidden = false;
    beside.querySelector("h2")?.focus({ preventScroll: true });
  };

  // By mouse: a press that moves is a drag, a press that does not is a click.
  board.addEventListener("dragstart", (event) => event.preventDefault());
  board.addEventListener("pointerdown", (event) => {
    const block = event.target.closest("[data-visit]");
    if (!block || event.button || event.pointerType === "touch" || held) return;
    const offset = event.clientY - block.getBoundingClientRect().top;
    pressed = { block, x: event.clientX, y: event.clientY, offset };
  });
  document.addEventListener("pointermove", (event) => {
    if (pressed && !held && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > FAR) {
      pickUp(pressed.block, false);
    }
    if (!pressed || !held?.landing) return;
    event.preventDefault();
    const columns = [...board.querySelectorAll(".board__column")];
    const column = columns.find((one) => {
      const box = one.getBoundingClientRect();
      return event.clientX >= box.left && event.clientX < box.right;
    });
    if (!column) return;
    const view = board.getBoundingClientRect();
    if (event.clientY > view.bottom - 40) board.scrollTop += 14;
    if (event.clientY < view.top + 60) board.scrollTop -= 14;
    const box = column.getBoundingClientRect();
    const row = (event.clientY - pressed.offset - box.top) / held.rowHeight;
    const snapped = Math.max(0, Math.round(row / held.grid) * held.grid);
    over(held.from + snapped * ROW, column);
  });
  document.addEventListener("pointerup", (event) => {
    if (!pressed) return;
    pressed = null;
    if (!held || held.byKeys) return;
    swallow = true;
    window.setTimeout(() => { swallow = false; }, 0);
    const view = board.getBoundingClientRect();
    const inside = event.clientX >= view.left && event.clientX <= view.right && event.clientY >= view.top;
    if (held.landing && inside && event.clientY <= view.bottom) drop();
    else giveUp();
  });
  document.addEventListener("pointercancel", () => {
    pressed = null;
    if (held && !held.byKeys) giveUp();
  });
  document.addEventListener("click", (event) => {
    if (!swallow) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // By keys: m picks up what has the focus.
  const step = (by) => {
    const places = held.places;
    if (!places.length) return;
    const here = held.at ?? held.now;
    const after = places.findIndex((one) => one.at > here);
    const before = places.findLastIndex((one) => one.at < here);
    const index = by > 0 ? (after < 0 ? places.length - 1 : after) : Math.max(before, 0);
    go(index);
  };
  const go = (index) => {
    const place = held.places[index];
    if (!place) return;
    over(place.at, held.column);
    held.landing.scrollIntoView({ block: "nearest" });
  };
  const keys = {
    ArrowDown: () => step(1), ArrowRight: () => step(1), ArrowUp: () => step(-1), ArrowLeft: () => step(-1),
    Home: () => go(0), End: () => go(held.places.length - 1), Enter: drop,
    Escape: () => { const { link } = held; giveUp(); link.focus(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (held?.landing && keys[event.key]) {
      event.preventDefault();
      event.stopPropagation();
      pressed = null;
      keys[event.key]();
    } else if (held && event.key === "Tab") {
      giveUp();
    } else if (!held && event.key === "m" && !event.target.matches("input, textarea, select")) {
      const block = document.activeElement?.closest("#board [data-visit]");
      if (!block) return;
      event.preventDefault();
      pickUp(block, true);
    }
  }, true);

  // Where it would land is shown for as long as the panel asks about it.
  const settled = () => {
    if (!held && !beside.querySelector('form[method="post"][action$="/move/"]')) clear();
  };
  beside.addEventListener("htmx:afterSwap", settled);
  beside.addEventListener("closed", settled);

  // The day stays as it is while a visit is held: what others do is shown once it is dropped, and asked again then.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (held && board.contains(event.detail.target)) event.detail.shouldSwap = false;
  });
})();
