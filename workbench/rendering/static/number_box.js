// A labelled number box with its unit, and optionally a slider that mirrors it in the browser.
// The box sends a number when it is finished (Enter, Tab, arrow keys); the slider sends while it is dragged,
// at most every PAUSE milliseconds, the last value always.

const PAUSE = 80;
const WRITERS = new Map(); // by locale; slow to make, so made once

function writer(locale) {
  const every = { maximumFractionDigits: 20, numberingSystem: "latn" };
  if (!WRITERS.has(locale)) WRITERS.set(locale, new Intl.NumberFormat(locale, every));
  return WRITERS.get(locale);
}

let counter = 0;

// Writing what is there already would still make the page lay itself out again.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

function setValue(node, value) {
  if (node.value !== value) node.value = value;
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
  const readable = (value) => writer(model.get("locale")).format(value);
  let typing = false;
  let dragging = false;
  let timer = null;
  let waiting = null;
  let lastSent = 0;
  let sending = false;

  function limits(text = "") {
    setText(note, text || model.get("note"));
    note.classList.toggle("wb-wrong", text !== "");
    input.toggleAttribute("aria-invalid", text !== "");
    return { minimum: model.get("minimum"), maximum: model.get("maximum") };
  }

  function say(value) {
    const suffix = model.get("unit");
    const long = value !== null && Math.abs(value) >= 1000;
    const words = value === null ? "not set" : `${readable(value)} ${suffix}`.trim();
    setText(unit, long ? `= ${words}` : suffix);
    if (slider) setAttribute(slider, "aria-valuetext", words);
  }

  function show() {
    if (sending) return; // the page already shows what it sends
    const value = model.get("value");
    const bounds = limits();
    setText(label, model.get("label"));
    for (const node of slider ? [input, slider] : [input]) {
      node.disabled = model.get("disabled");
      setAttribute(node, "min", bounds.minimum);
      setAttribute(node, "max", (node === slider ? model.get("slider_end") : null) ?? bounds.maximum);
      setAttribute(node, "step", model.get("step") ?? "any");
    }
    if (slider) setAttribute(slider, "aria-label", `${model.get("label")}, slider`);
    if (!typing) setValue(input, value === null ? "" : String(value));
    if (slider && !dragging) setValue(slider, value === null ? slider.min : String(value));
    if (!dragging) say(value);
  }

  function send(value) {
    if (value === model.get("value")) return;
    sending = true;
    try {
      model.set("value", value);
    } finally {
      sending = false;
    }
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
    waiting = Number(slider.value);
    const value = waiting;
    const quiet = performance.now() - lastSent;
    if (quiet >= PAUSE) flush(); // first, so that the answer is on its way while the page writes the number
    else timer ??= setTimeout(flush, PAUSE - quiet);
    limits();
    setValue(input, slider.value);
    say(value);
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
