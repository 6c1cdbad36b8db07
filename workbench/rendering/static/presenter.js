// The line above a section on the wall: where the room is. It hears the keys of the whole page, sets light or dark and
// the size of the type, and asks the kernel to move: everybody who looks on is at the same place.

const KEPT = "workbench-wall"; // what this browser was set to: dark, and the size of the type
const WIDE = 960, HIGH = 570; // the page is laid out for so many pixels, and enlarged to what the wall has
const WAYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back", Home: "first", End: "last" };
const SCROLLS = { ArrowDown: 0.6, ArrowUp: -0.6 };
// Controls that keep the keys they use themselves; a presenter's remote sends Page Up and Page Down, which always move.
const OWN_KEYS = "input, select, textarea, [contenteditable=true], [role=slider], [role=tab], [role=listbox], [popover]:popover-open";

function render({ model, el }) {
  const words = model.get("words");
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  const bar = element("header", "wb-wall-bar", el);
  const stages = element("details", "wb-wall-stages", bar);
  const here = element("summary", "wb-wall-stage", stages);
  here.title = words.stages;
  const list = element("ol", "wb-wall-list", stages);
  const title = element("h1", "wb-wall-title", bar);
  title.setAttribute("role", "status");
  const told = element("span", "wb-wall-told", bar);
  const count = element("span", "wb-wall-count", bar);
  const tools = element("span", "wb-wall-tools", bar);
  const button = (sign, label, press) => {
    const made = element("button", "wb-wall-tool", tools, sign);
    made.type = "button";
    made.title = label;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", press);
    return made;
  };
  button("◀", words.back, () => move("back"));
  button("▶", words.next, () => move("next"));
  button("A−", words.smaller, () => resize(1 / 1.1));
  button("A+", words.larger, () => resize(1.1));
  const theme = button("◐", words.dark, () => shade(!kept.dark));
  const page = () => el.closest(".wb-present");

  const move = (way) => model.send({ move: way });

  function keep() {
    localStorage.setItem(KEPT, JSON.stringify(kept));
  }

  function resize(by) {
    kept.size = Math.min(2, Math.max(0.6, (kept.size ?? 1) * by));
    keep();
    fit();
  }

  function fit() {
    const size = Math.max(0.8, Math.min(innerWidth / WIDE, innerHeight / HIGH) * (kept.size ?? 1));
    document.documentElement.style.setProperty("--wb-wall-size", size.toFixed(3));
  }

  // Both themes are on the page, so that a wall changes at once and offline.
  function shade(dark) {
    kept.dark = dark;
    keep();
    for (const [name, isOn] of [["light", !dark], ["dark", dark]]) {
      const sheet = document.getElementById(`wb-${name}`);
      if (sheet) sheet.disabled = !isOn;
    }
    document.body.dataset.jpThemeLight = String(!dark);
    document.body.dataset.jpThemeName = dark ? "JupyterLab Dark" : "JupyterLab Light";
    theme.title = dark ? words.light : words.dark;
    theme.setAttribute("aria-label", theme.title);
  }

  function scroll(by) {
    const inView = [...(page()?.querySelectorAll(".wb-shown, .wb-place, .wb-step") ?? [])];
    const pane = inView.find((each) => each.offsetParent && each.scrollHeight > each.clientHeight + 4);
    pane?.scrollBy({ top: by * pane.clientHeight, behavior: "smooth" });
    return Boolean(pane);
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !page()?.isConnected) return;
    const { target, key } = event;
    if (key === "Escape") {
      stages.open = false;
      if (target !== document.body && !target.closest?.("[popover]")) target.blur?.();
      return;
    }
    const isPage = key === "PageDown" || key === "PageUp";
    if (target.closest?.(isPage ? "textarea" : OWN_KEYS)) return;
    if (key in WAYS) move(WAYS[key]);
    else if (key in SCROLLS) scroll(SCROLLS[key]);
    else if (key === "d" || key === "D") shade(!kept.dark);
    else if (key === "+" || key === "=") resize(1.1);
    else if (key === "-") resize(1 / 1.1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function show() {
    const place = model.get("place");
    const busy = model.get("busy");
    here.textContent = busy || place.stage_title || "";
    title.textContent = busy ? "…" : place.title ?? "";
    count.textContent = busy ? "" : `${place.section + 1} ${words.of} ${place.sections}`;
    told.textContent = told.title = model.get("told");
    bar.title = words.keys;
    list.replaceChildren(...model.get("stages").map(({ key, title: name }) => {
      const item = document.createElement("li");
      const goes = element("button", "wb-wall-go", item, name);
      goes.type = "button";
      if (key === place.stage) goes.setAttribute("aria-current", "step");
      goes.addEventListener("click", () => {
        stages.open = false;
        model.send({ go: key, section: 0 });
      });
      return item;
    }));
    page()?.setAttribute("aria-busy", String(Boolean(busy)));
    // Where the hand was is not in view any more: the keys are the room's again.
    if (document.activeElement?.closest?.(".wb-present") && !bar.contains(document.activeElement)
        && !document.activeElement.offsetParent) document.activeElement.blur();
  }

  model.on("change:place change:busy change:told", show);
  addEventListener("keydown", pressed, true);
  addEventListener("resize", fit);
  fit();
  shade(Boolean(kept.dark));
  show();
  return () => {
    model.off("change:place change:busy change:told", show);
    removeEventListener("keydown", pressed, true);
    removeEventListener("resize", fit);
  };
}

export default { render };
