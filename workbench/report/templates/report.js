"use strict";
// Draws every chart of the page. The interpreter (ast) needs no permission to compile code, so the page can
// forbid it, and the actions menu, which would open an online editor, stays off.
(function () {
  const specs = JSON.parse(document.getElementById("chart-specs").textContent);
  // A chart is as wide as it was made, and narrower where the page is, so that a phone shows all of it.
  const narrowest = 280;
  function fitted(spec, place) {
    const room = Math.max(narrowest, Math.floor(place.clientWidth));
    return ("mark" in spec || "layer" in spec) && spec.width > room ? { ...legendsBelow(spec), width: room } : spec;
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
    return window
      .vegaEmbed(place, fitted(spec, place), { actions: false, renderer: "svg", ast: true, mode: "vega-lite" })
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
  // A printed page shows every table.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((each) => (each.open = true));
  });
  window.addEventListener("afterprint", () => closed.forEach((each) => (each.open = false)));
})();
