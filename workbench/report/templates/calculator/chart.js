"use strict";
// Draws bills along growth as lines, with an axis in money and a marker where the slider stands.
const Chart = (() => {
  const { draw } = Dom;
  const HEIGHT = 260;
  const EDGE = { top: 16, right: 20, bottom: 36, left: 76 };
  const MOST = 10;
  const NARROW = 480;
  const MANY = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const FEW = [1, 4, 7, 10];

  /** Round steps of an axis from zero to at least `top`. */
  function ticks(top) {
    const rough = (top || 1) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough);
    const count = Math.ceil((top || 1) / step);
    return Array.from({ length: count + 1 }, (_, place) => place * step);
  }

  /** Draw `series` (name, values per multiple, null where there is no bill) into an SVG element. */
  function paint(svg, width, multiples, series, marker, money) {
    const values = series.flatMap((each) => each.values).filter((value) => value !== null);
    const levels = ticks(Math.max(0, ...values));
    const right = width - EDGE.right;
    const bottom = HEIGHT - EDGE.bottom;
    const x = (multiple) => EDGE.left + ((multiple - 1) / (MOST - 1)) * (right - EDGE.left);
    const y = (value) => bottom - (value / levels.at(-1)) * (bottom - EDGE.top);
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    svg.replaceChildren(
      ...levels.map((level) => horizontal(level, y(level), right, money)),
      ...(width < NARROW ? FEW : MANY).map((multiple) => below(multiple, x(multiple), bottom)),
      draw("line", { class: "marker", x1: x(marker), x2: x(marker), y1: EDGE.top, y2: bottom }),
      ...series.map((each) => draw("path", { class: `line ${each.kind}`, d: path(multiples, each.values, x, y) })),
      ...series.flatMap((each) => dot(each, multiples, marker, x, y)),
    );
  }

  function horizontal(level, height, right, money) {
    return draw("g", {},
      draw("line", { class: "rule", x1: EDGE.left, x2: right, y1: height, y2: height }),
      draw("text", { x: EDGE.left - 8, y: height + 4, "text-anchor": "end" }, money(level)));
  }

  const below = (multiple, across, bottom) =>
    draw("text", { x: across, y: bottom + 20, "text-anchor": "middle" }, `\u00d7${multiple}`);

  /** The line of known values; it breaks where a bill is unknown. */
  function path(multiples, values, x, y) {
    let begun = false;
    return values
      .map((value, place) => {
        const step = value === null ? "" : `${begun ? "L" : "M"}${x(multiples[place]).toFixed(1)} ${y(value).toFixed(1)}`;
        begun = value !== null;
        return step;
      })
      .join("");
  }

  function dot(each, multiples, marker, x, y) {
    const value = each.values[multiples.findIndex((multiple) => Math.abs(multiple - marker) < 1e-9)];
    return typeof value === "number" ? [draw("circle", { class: `dot ${each.kind}`, cx: x(marker), cy: y(value), r: 5 })] : [];
  }

  return { paint };
})();
