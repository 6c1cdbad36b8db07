"use strict";
// Shows how bills grow with usage: a picture, a sentence at the slider, and the same as a table.
const Growth = ((page) => {
  const D = Decimals;
  const { byId, make, show } = Dom;
  const TENTHS = Array.from({ length: 91 }, (_, place) => place + 10);
  const SIDES = page.today ? ["new", "today"] : ["new"];
  let last = null; // what the picture was drawn from, for a new width

  const times = (tenths) => D.shifted(D.of(tenths), 1);
  const written = (tenths) => `\u00d7${D.text(times(tenths))}`;

  /** The plan looked at on each side with its bill; null where none fits or its price is unknown. */
  function at(tenths, known, needs, period) {
    const quantities = Usage.grown(known, times(tenths), byId("grows").value);
    return Object.fromEntries(SIDES.map((side) => {
      const looked = Books.placed(side, quantities, needs, period)?.looked;
      return [side, looked && looked.fits && looked.bill.total !== null ? looked : null];
    }));
  }

  function update(known, needs, period) {
    const along = new Map(TENTHS.map((tenths) => [tenths, at(tenths, known, needs, period)]));
    last = { along, period };
    rows(along);
    move();
  }

  function move() {
    if (!last || !byId("growth")) return;
    const tenths = Number(byId("growth").value);
    byId("growth").setAttribute("aria-valuetext", written(tenths));
    byId("growth-value").textContent = written(tenths);
    show(byId("growth-reading"), reading(tenths));
    const width = Math.max(300, byId("growth-chart").parentElement.clientWidth);
    const series = SIDES.map((side) => ({
      kind: side,
      values: TENTHS.map((each) => worth(last.along.get(each)[side])),
    }));
    const nothing = series.every((each) => each.values.every((value) => value === null));
    for (const part of document.querySelectorAll(".growth .chart, .growth .legend")) part.hidden = nothing;
    Chart.paint(byId("growth-chart"), width, TENTHS.map((each) => each / 10), series, tenths / 10, Words.level);
  }

  const worth = (placed) => (placed === null ? null : D.near(placed.bill.total));
  function reading(tenths) {
    const found = last.along.get(tenths);
    const lacking = page.metrics.filter((_, place) => Usage.typed(place) === null).map((each) => each.words);
    if (lacking.length && SIDES.every((side) => found[side] === null)) {
      return `How bills grow is shown once ${lacking.join(" and ")} ${lacking.length > 1 ? "are" : "is"} known.`;
    }
    const parts = SIDES.map((side) => `${page.names[side]} ${amount(found[side])}`);
    const change = found.new && found.today ? Words.change(found.today.bill.total, found.new.bill.total) : "";
    if (change) parts.push(`Change ${change}`);
    const gap = SIDES.map(firstGap).filter(Boolean).join(" ");
    return `At ${written(tenths)} the usage, per ${last.period.name}: ${parts.join(" · ")}.${gap ? ` ${gap}` : ""}`;
  }

  const amount = (placed) =>
    placed === null ? "no plan with a known price fits" : `${Words.money(placed.bill.total)} (${placed.plan.name})`;

  function firstGap(side) {
    const found = TENTHS.find((tenths) => last.along.get(tenths)[side] === null);
    if (found === undefined || found === TENTHS[0]) return "";
    const what = Books.picked(side) || "any plan with a known price";
    return `${page.names[side]}: from ${written(found)} on, usage no longer fits ${what}.`;
  }

  function rows(along) {
    const whole = TENTHS.filter((tenths) => tenths % 10 === 0);
    show(byId("growth-rows"), whole.map((tenths) => {
      const found = along.get(tenths);
      const cells = SIDES.map((side) => make("td", {}, found[side] === null ? "none fits" : amount(found[side])));
      const change = found.new && found.today ? Words.change(found.today.bill.total, found.new.bill.total) : "";
      if (page.today) cells.push(make("td", {}, change));
      return make("tr", {}, make("th", { scope: "row" }, written(tenths)), cells);
    }));
  }

  return { update, move };
})(Page);
