// The rail of the app: the steps of the study as a list of buttons. It says where one stands to the bar above the
// notebook, which says back when its Back or Next is pressed; without that bar the rail has the two buttons itself.

const REMEMBERED = "workbench-step"; // for the tab of the browser: a kernel that starts again goes on where it was

function render({ model, el }) {
  const words = model.get("words");
  el.classList.add("wb-rail");
  const nav = element("nav", "", el);
  nav.setAttribute("aria-label", words.steps);
  const title = element("div", "wb-rail-title", nav);
  const scenario = element("div", "wb-rail-soft", nav);
  const list = element("ol", "wb-rail-list", nav);
  const standing = element("div", "wb-rail-soft", nav);
  standing.setAttribute("role", "status");
  const ways = element("div", "wb-rail-ways", nav);
  const place = `${REMEMBERED}:${location.pathname}`;
  let panel = null;

  const steps = () => model.get("steps");
  const at = () => steps().findIndex(({ key }) => key === model.get("current"));

  function go(key) {
    if (key === model.get("current")) return;
    sessionStorage.setItem(place, key);
    model.set("current", key);
    model.save_changes();
  }

  function goBy(by) {
    const wanted = steps()[at() + by];
    if (wanted && wanted.open) go(wanted.key);
  }

  for (const [label, by] of [[`◀ ${words.back}`, -1], [`${words.next} ▶`, 1]]) {
    const button = element("button", "wb-rail-way", ways, label);
    button.type = "button";
    button.addEventListener("click", () => goBy(by));
  }

  function button(step) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `wb-rail-step wb-is-${step.state}`;
    made.dataset.step = step.key;
    made.title = step.told;
    element("span", "wb-rail-mark", made, step.mark).setAttribute("aria-hidden", "true");
    const said = element("span", "wb-rail-said", made);
    element("span", "wb-rail-name", said, step.title);
    if (step.note) element("span", "wb-rail-note", said, step.note);
    made.addEventListener("click", () => go(step.key));
    const item = document.createElement("li");
    item.append(made);
    return item;
  }

  function show() {
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.step : null;
    title.textContent = title.title = model.get("title");
    scenario.textContent = model.get("scenario");
    standing.textContent = model.get("standing");
    list.replaceChildren(...steps().map(button));
    for (const made of list.querySelectorAll("button")) {
      const step = steps().find(({ key }) => key === made.dataset.step);
      made.disabled = !step.open;
      if (step.key === model.get("current")) made.setAttribute("aria-current", "step");
      if (step.key === focused) made.focus();
    }
    const here = at();
    const [back, next] = ways.children;
    back.disabled = !steps()[here - 1]?.open;
    next.disabled = !steps()[here + 1]?.open;
    tell();
    showBusy();
  }

  // What is left of the step before is pale until the one wanted is there.
  function showBusy() {
    const isBusy = model.get("shown") !== model.get("current");
    el.closest(".wb-app")?.classList.toggle("wb-is-busy", isBusy);
    el.closest(".wb-app")?.setAttribute("aria-busy", String(isBusy));
  }

  function tell() {
    if (!panel) return;
    const here = at();
    const [before, step, after] = [-1, 0, 1].map((by) => steps()[here + by]);
    const detail = {
      at: here,
      all: steps().length - 1,
      title: step?.title,
      standing: model.get("standing"),
      back: Boolean(before?.open),
      next: Boolean(after?.open),
      notebook: step?.notebook,
    };
    panel.dispatchEvent(new CustomEvent("workbench-steps", { detail }));
    const hasBar = panel.dataset.workbenchBar !== undefined;
    for (const each of [ways, standing]) each.hidden = hasBar;
  }

  const heard = ({ detail }) => goBy(detail);
  let frame = 0;
  function attach(left) {
    panel = el.closest(".jp-NotebookPanel");
    if (!panel && left > 0) {
      frame = requestAnimationFrame(() => attach(left - 1));
      return;
    }
    panel?.addEventListener("workbench-go", heard);
    tell();
    showBusy();
  }

  const watched = ["steps", "current", "shown", "title", "scenario", "standing"].map((name) => `change:${name}`).join(" ");
  model.on(watched, show);
  show();
  attach(120);
  const before = sessionStorage.getItem(place);
  if (model.get("is_new") && steps().some(({ key, open }) => key === before && open)) go(before);
  return () => {
    cancelAnimationFrame(frame);
    model.off(watched, show);
    panel?.removeEventListener("workbench-go", heard);
  };
}

export default { render };
