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
    // Marks that carry no words, such as a line to compare with, are pictures to nobody who cannot see them.
    for (const mark of svg.querySelectorAll('[role="graphics-symbol"]:not([aria-label])')) {
      mark.setAttribute("aria-hidden", "true");
    }
    const wide = svg.getBoundingClientRect().width;
    if (wide <= place.clientWidth) return;
    if (place.clientWidth / wide >= smallest) Object.assign(svg.style, { width: "100%", height: "auto" });
    else place.tabIndex = 0;
  }
  // A table wider than its place is moved sideways, by the keyboard as well.
  const wide = new ResizeObserver((tables) => {
    for (const { target } of tables) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  document.querySelectorAll(".wide").forEach((table) => wide.observe(table));
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
  // The rows of charts stand by column, and words that come again by their number.
  function rowsOf(columns) {
    if (Array.isArray(columns)) return columns;
    const told = (each) => (each.words ? each.at.map((at) => each.words[at]) : each);
    const whole = Object.entries(columns).map(([name, each]) => [name, told(each)]);
    return whole[0][1].map((_, row) => Object.fromEntries(whole.map(([name, values]) => [name, values[row]])));
  }
  let specs = {};
  const begun = new Map();
  const fillOnce = (place) => begun.get(place) ?? begun.set(place, fill(place, specs)).get(place);
  const isFolded = (place) => place.closest("details:not([open])") !== null;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 0));
  // Charts in view come first; those in sections that are folded follow one by one, or when theirs is opened.
  async function fillAll() {
    const places = [...document.querySelectorAll("div.chart")];
    try {
      const written = document.getElementById("chart-specs");
      const look = JSON.parse(written.dataset.look);
      specs = JSON.parse(written.textContent);
      // Most charts have the same look, which stands once.
      Object.values(specs).forEach((spec) => {
        spec.config ??= look;
        Object.entries(spec.datasets ?? {}).forEach(([name, rows]) => (spec.datasets[name] = rowsOf(rows)));
      });
    } finally {
      await Promise.all(places.filter((place) => !isFolded(place)).map(fillOnce));
      document.documentElement.dataset.charts = "in view";
      for (const place of places) {
        if (!begun.has(place)) await pause();
        if (place.clientWidth > 0) await fillOnce(place); // some browsers give what is folded no room
      }
      document.documentElement.dataset.charts = "ready";
    }
  }
  function fillIn(opened) {
    [...opened.querySelectorAll("div.chart")].filter((place) => !isFolded(place)).forEach(fillOnce);
  }
  document.addEventListener("toggle", ({ target }) => target.open && fillIn(target), true);
  fillAll();
  // Every section can be pointed at: its heading holds its own link.
  document.querySelectorAll("main h2[id]").forEach((head) => {
    const link = document.createElement("a");
    Object.assign(link, { href: `#${head.id}`, className: "anchor", textContent: "#" });
    link.setAttribute("aria-label", `Link to ${head.textContent}`);
    head.append(" ", link);
  });
  // What a link leads to is opened, and whatever it is folded in.
  function show(address) {
    const found = document.getElementById(decodeURIComponent(address.slice(1)));
    for (let each = found?.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
    found?.scrollIntoView();
  }
  document.addEventListener("click", ({ target }) => {
    const address = target.closest?.("a[href^='#']")?.getAttribute("href");
    if (address) setTimeout(() => show(address), 0);
  });
  window.addEventListener("hashchange", () => show(location.hash));
  if (location.hash) show(location.hash);
  // The contents stay in view and say where one is.
  const links = new Map(
    [...document.querySelectorAll("nav a")].map((link) => [link.getAttribute("href").slice(1), link]),
  );
  const sections = [...document.querySelectorAll("main > section")];
  function mark() {
    const here = sections.findLast((section) => section.getBoundingClientRect().top < window.innerHeight / 3);
    for (const [id, link] of links) {
      const isHere = id === (here ?? sections[0])?.getAttribute("aria-labelledby");
      if (isHere === link.hasAttribute("aria-current")) continue;
      link.toggleAttribute("aria-current", isHere);
      const list = link.closest("ol");
      if (isHere) list.scrollLeft = link.offsetLeft - list.offsetLeft - list.clientWidth / 3;
    }
  }
  window.addEventListener("scroll", mark, { passive: true });
  mark();
  const folds = () => [...document.querySelectorAll("main details:not(.behind)")];
  const unfold = document.getElementById("unfold");
  unfold.hidden = folds().length === 0; // nothing to open
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    folds().forEach((each) => (each.open = open));
    unfold.setAttribute("aria-pressed", String(open));
  });
  // A printed page shows what is folded; of the tables behind charts it shows those somebody opened.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = folds().filter((each) => !each.open);
    closed.forEach((each) => (each.open = true));
    document.querySelectorAll("div.chart").forEach(fillOnce);
  });
  window.addEventListener("afterprint", () => closed.forEach((each) => (each.open = false)));
})();
