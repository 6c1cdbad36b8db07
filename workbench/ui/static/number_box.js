// A labelled number box with its unit, and optionally a slider that mirrors it in the browser.
// The box sends a number when it is finished (Enter, Tab, arrow keys); the slider sends while it is dragged,
// at most every PAUSE milliseconds, the last value always.

const PAUSE = 80;
let counter = 0;

function element(tag, className, parent) {
  const node = document.createElement(tag);
  node.className = className;
  parent.append(node);
  return node;
}

// JupyterLab reads plain keys as its own commands (arrows move between cells, letters cut and insert them).
// They stay here; combinations such as Ctrl+S still reach it.
function keepPlainKeys(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

function render({ model, el }) {
  counter += 1;
  const id = `wb-number-${counter}-${Math.random().toString(36).slice(2)}`;
  const box = element("div", "wb-number", el);
  el.addEventListener("keydown", keepPlainKeys);
  const label = element("label", "wb-label", box);
  label.htmlFor = id;
  const line = element("div", "wb-number-line", box);
  const input = element("input", "wb-input", line);
  Object.assign(input, { id, type: "number", inputMode: "decimal", autocomplete: "off" });
  const unit = element("span", "wb-unit", line);
  unit.id = `${id}-unit`;
  const slider = model.get("slider") ? element("input", "wb-slider", box) : null;
  if (slider) slider.type = "range";
  const note = element("div", "wb-note", box);
  note.id = `${id}-note`;
  input.setAttribute("aria-describedby", `${unit.id} ${note.id}`);
  let typing = false;
  let dragging = false;
  let timer = null;
  let waiting = null;
  let lastSent = 0;

  const readable = (value) =>
    new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 }).format(value);

  function limits(text = "") {
    const { minimum, maximum } = { minimum: model.get("minimum"), maximum: model.get("maximum") };
    if (text) note.textContent = text;
    else note.textContent = model.get("note");
    note.classList.toggle("wb-wrong", text !== "");
    input.toggleAttribute("aria-invalid", text !== "");
    return { minimum, maximum };
  }

  function say(value) {
    const suffix = model.get("unit");
    const long = value !== null && Math.abs(value) >= 1000;
    unit.textContent = long ? `= ${readable(value)} ${suffix}`.trim() : suffix;
    if (slider) slider.setAttribute("aria-valuetext", value === null ? "not set" : `${readable(value)} ${suffix}`.trim());
  }

  function show() {
    const value = model.get("value");
    const bounds = limits();
    label.textContent = model.get("label");
    for (const node of slider ? [input, slider] : [input]) {
      node.disabled = model.get("disabled");
      if (bounds.minimum !== null) node.min = bounds.minimum;
      const end = (node === slider ? model.get("slider_end") : null) ?? bounds.maximum;
      if (end !== null) node.max = end;
      else node.removeAttribute("max");
      node.step = model.get("step") ?? "any";
    }
    if (slider) slider.setAttribute("aria-label", `${model.get("label")}, slider`);
    if (!typing) input.value = value === null ? "" : String(value);
    if (slider && !dragging) slider.value = value === null ? slider.min : String(value);
    if (!dragging) say(value);
  }

  function send(value) {
    if (value === model.get("value")) return;
    model.set("value", value);
    model.save_changes();
  }

  function accept() {
    typing = false;
    const text = input.value.trim();
    if (text === "" && !input.validity.badInput && model.get("optional")) {
      limits();
      say(null);
      send(null);
      return;
    }
    let value = Number(text);
    const { minimum, maximum } = limits();
    if (text === "" || Number.isNaN(value)) {
      show();
      limits("A number is needed here; the previous one stays.");
      return;
    }
    if (model.get("whole")) value = Math.round(value);
    if (minimum !== null && value < minimum) {
      value = minimum;
      limits(`The smallest value here is ${readable(minimum)}.`);
    } else if (maximum !== null && value > maximum) {
      value = maximum;
      limits(`The largest value here is ${readable(maximum)}.`);
    }
    const words = note.textContent;
    input.value = String(value);
    if (slider) slider.value = String(value);
    say(value);
    send(value);
    if (note.classList.contains("wb-wrong")) limits(words);
  }

  function flush() {
    clearTimeout(timer);
    timer = null;
    if (waiting === null) return;
    lastSent = performance.now();
    const value = waiting;
    waiting = null;
    send(value);
  }

  function drag() {
    dragging = true;
    limits();
    waiting = Number(slider.value);
    input.value = slider.value;
    say(waiting);
    const quiet = performance.now() - lastSent;
    if (quiet >= PAUSE) flush();
    else timer ??= setTimeout(flush, PAUSE - quiet);
  }

  input.addEventListener("input", () => (typing = true));
  input.addEventListener("change", accept);
  input.addEventListener("blur", () => (typing = false));
  input.addEventListener("keydown", (event) => event.key === "Enter" && accept());
  slider?.addEventListener("input", drag);
  slider?.addEventListener("change", () => {
    dragging = false;
    flush();
  });
  const names = ["value", "label", "unit", "note", "minimum", "maximum", "slider_end", "step", "disabled"];
  for (const name of names) model.on(`change:${name}`, show);
  show();
  return () => {
    clearTimeout(timer);
    for (const name of names) model.off(`change:${name}`, show);
  };
}

export default { render };
