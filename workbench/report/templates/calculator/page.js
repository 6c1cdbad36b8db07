"use strict";
// Puts it together: listens to the controls and shows what follows from them.
((page) => {
  const D = Decimals;
  const { byId, make, show } = Dom;
  const NARROW = 800; // pixels, as in the style: below it everything stands in one column
  const PAUSE = 600; // milliseconds without a change before the answer is spoken
  const stops = page.metrics.map(Usage.stops);
  let pause = 0;
  let frame = 0;

  function nearestStop(place, quantity) {
    const above = stops[place].findIndex((stop) => D.compare(stop, quantity) > 0);
    return above === -1 ? stops[place].length - 1 : Math.max(0, above - 1);
  }

  function mirrorSlider(place) {
    const [quantity, slider] = [Usage.typed(place), Usage.slider(place)];
    if (quantity !== null) slider.value = nearestStop(place, quantity);
    slider.setAttribute("aria-valuetext", quantity === null ? "unknown" : Words.quantity(quantity));
  }

  function checkBox(place) {
    const wrong = Usage.typed(place) === null;
    const box = Usage.box(place);
    box.setAttribute("aria-invalid", String(wrong));
    const empty = box.value === "" && !box.validity.badInput;
    byId(`problem-${place}`).textContent = !wrong ? ""
      : empty ? "Unknown: bills that need it cannot be shown."
      : "Type a number from 0 to 1,000,000,000,000,000, with at most twelve decimals.";
  }

  function update() {
    const [known, needs, period] = [Usage.quantities(), Usage.needs(), Usage.period()];
    for (const side of ["new", "today"]) if (page[side]) cards(side, known, needs, period);
    answer(known, needs, period);
    if (byId("ticked")) byId("ticked").textContent = needs.length ? `(${needs.length} ticked)` : "";
    cancelAnimationFrame(frame);
    if (page.metrics.length) frame = requestAnimationFrame(() => Growth.update(known, needs, period));
    clearTimeout(pause);
    pause = setTimeout(() => { byId("spoken").textContent = byId("answer").innerText.replace(/\s+/g, " "); }, PAUSE);
  }

  function cards(side, known, needs, period) {
    const found = Books.placed(side, known, needs, period);
    const cards = found === null
      ? make("p", {}, `${page.names[side]} are not sold by the ${period.name}.`)
      : found.all.map((each, place) => Cards.card(each, { ...period, months: period[side].months }, known, each === found.cheapest, `${side}-${place}`));
    show(byId(`cards-${side}`), cards);
  }

  function answer(known, needs, period) {
    const now = Books.placed("new", known, needs, period);
    const before = Books.placed("today", known, needs, period);
    const sides = [side("new", now, period)];
    if (page.today) sides.push(side("today", before, period), difference(before?.looked, now?.looked, period));
    show(byId("answer"), sides);
  }

  function side(name, found, period) {
    const looked = found?.looked;
    const total = looked?.bill.total ?? null;
    const sum = total === null ? "unknown" : Words.money(total);
    return make("div", { class: `side ${name}` },
      make("p", { class: "what" }, page.names[name]),
      make("p", { class: sizedSum(sum) }, sum),
      make("p", { class: "soft" }, explain(name, found, period)));
  }

  const sizedSum = (text) => `sum${Words.isLong(text) ? " long" : ""}`;

  function explain(name, found, period) {
    if (found === null) return `Not sold by the ${period.name}.`;
    const { looked, all } = found;
    if (!looked) {
      const waiting = all.filter((each) => each.fits).map((each) => [...new Set([...each.bill.unknown, ...each.unsure])]);
      const unknown = waiting.find((each) => each.length);
      if (unknown) return `${Words.noTotal({ request: [], unknown })}.`;
      const request = all.filter((each) => each.fits).map((each) => each.plan.name);
      return request.length ? `Only ${request.join(" or ")} fits; its price is on request.` : "No plan fits these needs.";
    }
    const why = Books.picked(name) ? fitOf(looked) : "the cheapest plan that fits";
    const without = looked.bill.total === null ? ` ${Words.noTotal(looked.bill)}.` : "";
    return `per ${period.name}, ${looked.plan.name} (${why}).${without}`;
  }

  const fitOf = (placed) =>
    !placed.fits ? "does not fit these needs" : placed.unsure.length ? "whether it fits is not known" : "fits";

  function difference(before, now, period) {
    const both = before && now && before.bill.total !== null && now.bill.total !== null;
    const by = both ? D.subtract(now.bill.total, before.bill.total) : null;
    const words = by === null ? "Nothing to compare." : D.sign(by) > 0 ? `more than today, per ${period.name}.` : D.sign(by) < 0 ? `less than today, per ${period.name}.` : "The same as today.";
    const sum = by === null ? "unknown" : Words.signedMoney(by);
    const percent = both && D.sign(by) ? Words.change(before.bill.total, now.bill.total) : "";
    return make("div", { class: `side change ${by === null ? "" : D.sign(by) > 0 ? "up" : "down"}` },
      make("p", { class: "what" }, "Change"),
      make("p", { class: sizedSum(sum) }, sum),
      make("p", { class: "soft" }, `${percent.replace(/^[+\u2212]/, "")} ${words}`.trim()));
  }

  page.metrics.forEach((_, place) => {
    const slider = Usage.slider(place);
    slider.max = stops[place].length - 1;
    slider.addEventListener("input", () => {
      Usage.box(place).value = D.text(stops[place][Number(slider.value)]);
      checkBox(place);
      slider.setAttribute("aria-valuetext", Words.quantity(Usage.typed(place)));
      update();
    });
    Usage.box(place).addEventListener("input", () => { checkBox(place); mirrorSlider(place); update(); });
    checkBox(place);
    mirrorSlider(place);
  });
  document.querySelectorAll("input[name=need], input[name=period], #plan-new, #plan-today, #grows")
    .forEach((each) => each.addEventListener("change", update));
  const features = byId("features");
  if (features && window.innerWidth <= NARROW) features.open = false; // so that the bill is near what was typed
  byId("growth")?.addEventListener("input", Growth.move);
  byId("print").addEventListener("click", () => window.print());
  byId("needs")?.addEventListener("submit", (event) => event.preventDefault());
  if (byId("growth-chart")) new ResizeObserver(Growth.move).observe(byId("growth-chart").parentElement);

  // A printed page shows what is folded away on screen.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details.print:not([open])")];
    closed.forEach((each) => { each.open = true; });
  });
  window.addEventListener("afterprint", () => closed.forEach((each) => { each.open = false; }));
  document.documentElement.dataset.ready = "yes";
  update();
})(Page);
