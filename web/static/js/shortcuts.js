// Keys for whoever has one hand free: `?` lists them, `/` finds a patient, the others lead to pages, or press what has
// their letter as data-key on this page. Never while somebody types, never with Ctrl or Alt; they can be switched off.
(() => {
  "use strict";
  const KEY = "shortcuts";
  const list = document.getElementById("shortcuts");
  if (!list) return;
  const kept = () => {
    try { return window.localStorage.getItem(KEY) !== "off"; } catch { return true; }
  };
  let isOn = kept();
  let before = "";
  let beforeAt = 0;

  const typesIn = (element) => element.isContentEditable
    || element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select");
  const ofPage = () => [...document.querySelectorAll("[data-key]")].filter((one) => one.checkVisibility());

  const show = () => {
    const here = list.querySelector("[data-here]");
    const lines = ofPage().map((one) => {
      const line = document.createElement("div");
      const key = document.createElement("dt");
      const words = document.createElement("dd");
      key.append(Object.assign(document.createElement("kbd"), { textContent: one.dataset.key }));
      words.textContent = one.getAttribute("aria-label") || one.textContent.trim();
      line.append(key, words);
      return line;
    });
    here.hidden = lines.length === 0;
    here.querySelector("dl").replaceChildren(...lines);
    list.showModal();
  };

  const search = () => {
    const field = document.querySelector("[data-find], input[type=search]");
    if (!field) window.location.assign(list.dataset.search);
    else {
      field.focus();
      field.select();
    }
  };

  const press = (key) => {
    const keys = Date.now() - beforeAt < 1500 ? `${before} ${key}` : key;
    const link = list.querySelector(`a[data-keys="${CSS.escape(keys)}"]`) || list.querySelector(`a[data-keys="${CSS.escape(key)}"]`);
    const first = list.querySelector(`a[data-keys^="${CSS.escape(key)} "]`);
    [before, beforeAt] = ["", 0];
    if (key === "?") show();
    else if (key === "/") search();
    else if (link) link.click();
    else if (first) [before, beforeAt] = [key, Date.now()];
    else {
      const one = ofPage().find((each) => each.dataset.key === key);
      if (!one) return false;
      one.click();
    }
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (!isOn || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length !== 1 || event.repeat || typesIn(event.target)) return;
    if (document.querySelector("dialog[open]") || "locked" in document.documentElement.dataset) return;
    if (press(event.key)) event.preventDefault();
  });

  const box = list.querySelector("#shortcuts-on");
  box.checked = isOn;
  box.addEventListener("change", () => {
    isOn = box.checked;
    try { window.localStorage.setItem(KEY, isOn ? "on" : "off"); } catch { /* for this page only */ }
  });
  for (const one of document.querySelectorAll("[data-with-keys]")) {
    one.hidden = false;
    one.addEventListener("click", (event) => {
      event.stopPropagation();
      event.preventDefault();
      show();
    });
  }
})();
