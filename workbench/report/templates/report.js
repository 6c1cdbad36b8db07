"use strict";
// Draws every chart of the page. The interpreter (ast) needs no permission to compile code, so the page can
// forbid it, and the actions menu, which would open an online editor, stays off.
(function () {
  // The page turns no text into elements but the empty one, with which the chart library clears a place. Its own
  // style sheets are not used, and what charts tell under the pointer is built from text below.
  const asText = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  window.trustedTypes?.createPolicy("default", { createHTML: (text) => (text === "" ? "" : asText(text)) });

  // A chart is as wide as it was made, and narrower where the page is, so that a phone shows all of it.
  const narrowest = 280;
  function fitted(spec, room) {
    return ("mark" in spec || "layer" in spec) && spec.width > room ? { ...legendsBelow(spec), width: room } : spec;
  }
  // How many pixels the words of a chart reach beyond its picture; a name that is cut short wants some as well.
  const forAName = 24;
  function missing(place) {
    const edge = place.querySelector("svg").getBoundingClientRect();
    const wanted = [...place.querySelectorAll("svg text")].map((text) => {
      const box = text.getBoundingClientRect();
      if (box.width === 0 || text.getAttribute("opacity") === "0") return 0;
      const cut = text.textContent.endsWith("\u2026") ? forAName : 0;
      return Math.max(cut, box.right - edge.right, edge.left - box.left);
    });
    return Math.ceil(Math.max(0, ...wanted));
  }
  // A picture a little wider than its place is shrunk to it; one that would get too small to read is moved sideways.
  const smallest = 0.65;
  function placed(place) {
    const svg = place.querySelector("svg");
    const wide = svg.getBoundingClientRect().width;
    if (wide <= place.clientWidth) return;
    if (place.clientWidth / wide >= smallest) Object.assign(svg.style, { width: "100%", height: "auto" });
    else place.tabIndex = 0;
  }
  // What a mark tells under the pointer, a line for each of its values, beside the pointer and inside the window.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  function line([name, value]) {
    const row = document.createElement("p");
    const [label, told] = [document.createElement("span"), document.createElement("b")];
    [label.textContent, told.textContent] = [name, value];
    row.append(label, told);
    return row;
  }
  function tooltip(_handler, event, _item, value) {
    tip.hidden = value === null || value === undefined || value === "";
    if (tip.hidden) return;
    tip.replaceChildren(...(typeof value === "object" ? Object.entries(value) : [["", value]]).map(line));
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 12, window.innerWidth - width - 8);
    const below = event.clientY + 12;
    const top = below + height > window.innerHeight ? event.clientY - height - 8 : below;
    Object.assign(tip.style, { left: `${Math.max(0, left)}px`, top: `${Math.max(0, top)}px` });
  }
  function draw(spec, place, room, tries) {
    const options = { actions: false, renderer: "svg", ast: true, mode: "vega-lite", defaultStyle: false, tooltip };
    return window.vegaEmbed(place, fitted(spec, room), options).then((result) => {
      const more = missing(place);
      if (more <= 2 || room >= spec.width || tries === 0) {
        placed(place);
        return result;
      }
      result.finalize();
      return draw(spec, place, Math.min(spec.width, room + more + 8), tries - 1);
    });
  }
  // There is no room for the entries of a legend side by side.
  function legendsBelow(part) {
    if (Array.isArray(part)) return part.map(legendsBelow);
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) => {
        if (key === "datasets") return [key, value];
        const inside = legendsBelow(value);
        return [key, key === "legend" && inside ? { ...inside, columns: 1 } : inside];
      }),
    );
  }
  // Each place on its own: one that fails says so, and the others are drawn.
  async function fill(place, specs) {
    try {
      await draw(specs[place.id], place, Math.max(narrowest, Math.floor(place.clientWidth)), 6);
      // The sliders inside a chart need names a screen reader can say.
      place.querySelectorAll(".vega-bind").forEach((bind) => {
        const input = bind.querySelector("input, select");
        const name = bind.querySelector(".vega-bind-name");
        if (input && name) input.setAttribute("aria-label", name.textContent);
      });
      place.dataset.drawn = "yes";
    } catch (error) {
      const table = place.closest("figure").querySelector("table") ? " The table below holds its numbers." : "";
      place.textContent = `This chart could not be drawn.${table}`;
      place.dataset.drawn = "no";
      console.error(place.id, error);
    }
  }
  async function fillAll() {
    let specs = {};
    try {
      const written = document.getElementById("chart-specs");
      const look = JSON.parse(written.dataset.look);
      specs = JSON.parse(written.textContent);
      // Most charts have the same look, which stands once.
      Object.values(specs).forEach((spec) => (spec.config ??= look));
    } finally {
      await Promise.all([...document.querySelectorAll("div.chart")].map((place) => fill(place, specs)));
      document.documentElement.dataset.charts = "ready";
    }
  }
  fillAll();
  // A printed page shows every finding; of the tables behind charts it shows those somebody opened.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open], .behind)")];
    closed.forEach((each) => (each.open = true));
  });
  window.addEventListener("afterprint", () => closed.forEach((each) => (each.open = false)));
})();
