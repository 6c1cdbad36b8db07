// The strip of a step: where one is, the figures before and now, the rules, the scenario and undo.
// In a notebook it puts itself on top of the scrolling list of cells, where it stays; in an app of several steps it
// stays where it was drawn. A cell run again takes the place of its earlier strip.

const ATTEMPTS = 120; // frames until the cell is on the page

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// A line must not break between a minus sign and the currency sign behind it.
const unbroken = (text) => text.replace(/\u2212(?=[^\s\w<&])/g, "\u2212\u2060");

function folderOfNotebook() {
  const found = decodeURIComponent(location.pathname).match(/\/tree\/(.*\/)?[^/]+\.ipynb$/);
  return found?.[1] ?? "";
}

function card(label, told, className) {
  const made = element("div", `wb-strip-figure ${className}`);
  made.title = told;
  made.append(element("dt", "", label));
  return made;
}

function figureCard(figure, words) {
  const made = card(figure.label, figure.told, "");
  const value = element("dd", "wb-strip-value");
  if (figure.before) {
    value.append(element("span", "wb-strip-before", unbroken(figure.before)), element("span", "wb-strip-arrow", "→"));
  }
  value.append(element("b", "", unbroken(figure.value)));
  made.append(value);
  const below = figure.change ? `${unbroken(figure.change)} ${words.against_today}` : figure.period;
  if (below) made.append(element("dd", "wb-strip-change", below));
  return made;
}

function ruleCard(rules) {
  const made = card(rules.label, rules.told, `wb-strip-rules wb-is-${rules.tone}`);
  const value = element("dd", "wb-strip-value");
  value.append(element("b", "", rules.met));
  made.append(value);
  if (rules.open) made.append(element("dd", "wb-strip-change", rules.open));
  return made;
}

function render({ model, el }) {
  const words = model.get("words");
  const strip = element("section", "wb-strip");
  strip.setAttribute("aria-label", words.strip);
  const top = element("div", "wb-strip-top");
  const where = element("div", "wb-strip-where");
  const hand = element("div", "wb-strip-hand");
  const figures = element("dl", "wb-strip-figures");
  const live = element("div", "wb-strip-live"); // a list that is a status is no list any more
  live.setAttribute("role", "status");
  live.append(figures);
  top.append(where, hand);
  strip.append(top, live);
  el.append(strip);

  const label = element("label", "wb-strip-scenario", words.scenario);
  const list = element("select");
  list.setAttribute("aria-label", words.scenario);
  list.addEventListener("change", () => model.send({ do: "select", with: list.value }));
  label.append(list);
  const before = element("span", "wb-strip-note");
  const buttons = {};
  for (const name of ["undo", "redo", "start_over"]) {
    const button = element("button", "wb-strip-button", words[name]);
    button.type = "button";
    button.title = words[`${name}_told`];
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") model.send({ do: name });
    });
    buttons[name] = button;
  }
  hand.append(before, label, ...Object.values(buttons));

  function link(step, sign, isBack) {
    const button = element("button", "wb-strip-button wb-strip-step");
    button.type = "button";
    button.textContent = isBack ? `${sign} ${step.title}` : `${step.title} ${sign}`;
    button.title = isBack ? words.back : words.on;
    button.dataset.commandlinkerCommand = "docmanager:open";
    button.dataset.commandlinkerArgs = JSON.stringify({ path: `${folderOfNotebook()}${step.notebook}.ipynb` });
    return button;
  }

  function showWhere() {
    const step = model.get("step");
    const parts = [element("span", "wb-strip-title", step.said ?? "")];
    if (step.back) parts.unshift(link(step.back, "◀", true));
    if (step.on) parts.push(link(step.on, "▶", false));
    where.replaceChildren(...parts);
  }

  function showFigures() {
    const rules = model.get("rules");
    const cards = model.get("figures").map((figure) => figureCard(figure, words));
    if (rules.met) cards.push(ruleCard(rules));
    figures.replaceChildren(...cards);
    before.textContent = model.get("before");
  }

  function showHand() {
    const can = model.get("can");
    for (const [name, button] of Object.entries(buttons)) {
      // A disabled button would lose the focus of the hand that has just pressed it.
      button.setAttribute("aria-disabled", can[name] ? "false" : "true");
    }
    list.replaceChildren(...model.get("scenarios").map(({ id, name }) => new Option(name, id)));
    list.value = model.get("scenario");
    label.hidden = model.get("scenarios").length === 0;
  }

  function dock(left) {
    if (!el.isConnected) {
      if (left > 0) frame = requestAnimationFrame(() => dock(left - 1));
      return;
    }
    const scroller = el.closest(".jp-NotebookPanel")?.querySelector(".jp-WindowedPanel-outer");
    if (!scroller || el.closest(".wb-app")) return;
    for (const earlier of scroller.querySelectorAll(":scope > .wb-strip")) earlier.remove();
    strip.classList.add("wb-strip-docked");
    scroller.prepend(strip);
  }

  let frame = 0;
  const heard = { step: showWhere, figures: showFigures, rules: showFigures, before: showFigures, can: showHand,
    scenarios: showHand, scenario: showHand };
  for (const [name, show] of Object.entries(heard)) model.on(`change:${name}`, show);
  showWhere();
  showFigures();
  showHand();
  dock(ATTEMPTS);
  return () => {
    cancelAnimationFrame(frame);
    for (const [name, show] of Object.entries(heard)) model.off(`change:${name}`, show);
    strip.remove();
  };
}

export default { render };
