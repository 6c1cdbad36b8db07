"use strict";
// Draws every chart of the page. The interpreter (ast) needs no permission to compile code, so the page can
// forbid it, and the actions menu, which would open an online editor, stays off.
(function () {
  const specs = JSON.parse(document.getElementById("chart-specs").textContent);
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
  function draw(spec, place, room, tries) {
    const options = { actions: false, renderer: "svg", ast: true, mode: "vega-lite" };
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
  const drawn = Object.entries(specs).map(([id, spec]) => {
    const place = document.getElementById(id);
    return draw(spec, place, Math.max(narrowest, Math.floor(place.clientWidth)), 6)
      .then((result) => {
        place.dataset.drawn = "yes";
        // The sliders inside a chart need names a screen reader can say.
        place.querySelectorAll(".vega-bind").forEach((bind) => {
          const input = bind.querySelector("input, select");
          const name = bind.querySelector(".vega-bind-name");
          if (input && name) input.setAttribute("aria-label", name.textContent);
        });
        return result.view;
      })
      .catch((error) => {
        place.textContent = "This chart could not be drawn; the table below holds its numbers.";
        place.dataset.drawn = "no";
        console.error(error);
      });
  });
  Promise.all(drawn).then((views) => {
    window.reportViews = views;
    document.documentElement.dataset.charts = "ready";
  });
  // A printed page shows every finding; of the tables behind charts it shows those somebody opened.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open], .behind)")];
    closed.forEach((each) => (each.open = true));
  });
  window.addEventListener("afterprint", () => closed.forEach((each) => (each.open = false)));
})();
