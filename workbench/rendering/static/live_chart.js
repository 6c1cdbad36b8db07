// One chart that stays where it is: the specification arrives once, later only rows.
// The Vega bundle (about 0.9 MB) is asked for once per page, by whichever chart comes first, and shared by
// every chart of every notebook on that page. It survives kernel restarts because the page keeps it.

const PAGE = (globalThis.pricingWorkbench ??= {
  vega: null,
  page: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`,
  bundlesFetched: 0,
});
const FIRST_WAIT = 5000;
const LONGEST_WAIT = 40000;
const ATTEMPTS = 7;
const LETTER = 7; // the mean width of a letter in a legend, in pixels
const SYMBOL = 30; // the room for the symbol of a legend and the space around it, in pixels
const AXIS = 130; // what the names of the axis take left of legend and plot until the chart is drawn, in pixels
const SCROLLBAR = 24; // what a chart may widen by itself: no reason to lay it out again, which would repeat
const SELECTION_PAUSE = 80; // a mark that is dragged tells where it is at most this often

// Words in lines no longer than there is room for.
function linesWithin(words, room) {
  const lines = [];
  for (const word of words.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length && longer.length * LETTER <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length > 1 ? lines : words;
}

// A legend takes as many columns as there is room for, and a name too long for one alone breaks into lines.
function legendWithin(legend, names, room) {
  const widths = names.map((name) => name.length * LETTER + SYMBOL);
  const wanted = legend.columns ?? names.length;
  const fits = Math.floor(room / Math.max(...widths));
  const inOneLine = wanted >= names.length && widths.reduce((sum, each) => sum + each, 0) <= room;
  if (inOneLine || fits >= wanted) return legend;
  const lines = names.map((name) => linesWithin(name, room - SYMBOL));
  const labelExpr = `${JSON.stringify(lines)}[indexof(${JSON.stringify(names)}, datum.label)]`;
  const broken = fits || legend.labelExpr ? {} : { labelExpr };
  return { ...legend, columns: Math.max(1, fits), ...broken };
}

// A specification whose legends and the names under its axes fit into the room right of the names of the other axis.
function within(spec, room, place) {
  if (Array.isArray(spec)) return spec.map((each) => within(each, room));
  if (spec === null || typeof spec !== "object") return spec;
  const inside = ([key, value]) => [key, key === "data" || key === "datasets" ? value : within(value, room, key)];
  const all = Object.fromEntries(Object.entries(spec).map(inside));
  const names = all.scale?.domain;
  const isNamed = all.legend && Array.isArray(names) && names.every((name) => typeof name === "string");
  if (isNamed) all.legend = legendWithin(all.legend, names, room);
  if (place === "x" && all.field && typeof all.title === "string") all.title = linesWithin(all.title, room);
  return all;
}

function askForBundle(model, wait) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      model.off("msg:custom", answer);
    };
    const answer = (content, buffers) => {
      if (content?.kind !== "bundle") return;
      stop();
      resolve(new TextDecoder().decode(buffers[0]));
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error("The kernel did not send the chart library in time."));
    }, wait);
    model.on("msg:custom", answer);
    model.send({ kind: "bundle", page: PAGE.page });
  });
}

async function importBundle(text) {
  // The bundle announces itself on the window; other extensions may keep their own there, so put theirs back.
  const names = ["vega", "vegaLite", "vegaEmbed"];
  const before = names.map((name) => [name, globalThis[name]]);
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    await import(url);
    return globalThis.vegaEmbed;
  } finally {
    URL.revokeObjectURL(url);
    for (const [name, value] of before) {
      if (value === undefined) delete globalThis[name];
      else globalThis[name] = value;
    }
  }
}

async function loadVega(model, wait) {
  const vegaEmbed = await importBundle(await askForBundle(model, wait));
  PAGE.bundlesFetched += 1;
  return vegaEmbed;
}

function sharedVega(model, wait) {
  PAGE.vega ??= loadVega(model, wait).catch((error) => {
    PAGE.vega = null; // the next chart that asks tries again, through its own kernel
    throw error;
  });
  return PAGE.vega;
}

async function patientVega(model, stillWanted, onDelay) {
  let wait = FIRST_WAIT;
  for (let attempt = 1; stillWanted(); attempt += 1) {
    try {
      return await sharedVega(model, wait);
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error;
      onDelay();
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }
  return null;
}

function toRows(table) {
  const names = Object.keys(table.columns);
  const dates = new Set(table.dates);
  const length = names.length ? table.columns[names[0]].length : 0;
  const rows = new Array(length);
  for (let index = 0; index < length; index += 1) {
    const row = {};
    for (const name of names) {
      const value = table.columns[name][index];
      row[name] = value !== null && dates.has(name) ? new Date(value).getTime() : value;
    }
    rows[index] = row;
  }
  return rows;
}

function merged(base, over) {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const both = value && typeof value === "object" && !Array.isArray(value) && result[key];
    result[key] = both ? merged(result[key], value) : value;
  }
  return result;
}

// Where the system is set to forced colours or to more contrast, text, axes and grid are drawn in full.
const STARK = ["(forced-colors: active)", "(prefers-contrast: more)"].map((query) => matchMedia(query));

function pageLook() {
  const css = getComputedStyle(document.body);
  const read = (name, otherwise) => css.getPropertyValue(name).trim() || otherwise;
  const dark = document.body.dataset.jpThemeLight === "false";
  const text = read("--jp-content-font-color1", dark ? "#f0f0f0" : "#1f2328");
  const soft = read("--jp-content-font-color2", dark ? "#c0c0c0" : "#57606a");
  const line = read("--jp-border-color1", dark ? "#616161" : "#bdbdbd");
  const grid = read("--jp-border-color2", dark ? "#424242" : "#e0e0e0");
  if (STARK.some((query) => query.matches)) return inInk(dark, ...(STARK[0].matches ? ["CanvasText"] : [text, text, text]));
  return inInk(dark, text, soft, line, grid);
}

function inInk(dark, text, soft = text, line = text, grid = line) {
  const config = {
    background: "transparent",
    axis: { labelColor: soft, titleColor: text, domainColor: line, tickColor: line, gridColor: grid },
    legend: { labelColor: soft, titleColor: text },
    header: { labelColor: text, titleColor: text },
    title: { color: text, subtitleColor: soft },
    text: { color: text },
    rule: { color: soft },
    tick: { color: soft },
    style: { "guide-label": { fill: soft }, "guide-title": { fill: text }, text: { fill: text } },
  };
  return { key: [dark, text, soft, line, grid].join("|"), dark, config };
}

const plain = (value) => value === null || ["string", "number", "boolean"].includes(typeof value);

function plainFields(datum) {
  return Object.fromEntries(Object.entries(datum ?? {}).filter(([, value]) => plain(value)));
}

function isStretchable(spec) {
  const single = ("mark" in spec || "layer" in spec) && !spec.encoding?.row && !spec.encoding?.column;
  return single && !spec.encoding?.facet && (spec.width === undefined || spec.width === "container");
}

function render({ model, el }) {
  const holder = document.createElement("div");
  holder.className = "wb-chart";
  const note = document.createElement("p");
  note.className = "wb-chart-note";
  note.setAttribute("role", "status");
  note.textContent = "The chart is being prepared…";
  const canvas = document.createElement("div");
  canvas.className = "wb-chart-canvas";
  const tools = document.createElement("div");
  tools.className = "wb-chart-tools";
  holder.append(tools, canvas, note);
  el.append(holder);

  let alive = true;
  let busy = false;
  let again = false;
  let shown = null; // { result, spec, names, look, description, stretch, width, drawnAt, isStale }
  let axis = AXIS;
  let look = null; // asking the page for its colours costs a layout, so it is done again only when the theme changes
  const stillWanted = () => alive;
  // What a chart looks like at a width but for the width itself: where two differ, it is laid out again.
  const laidOut = (spec, width) => JSON.stringify(within(spec, width - axis));
  const roomFor = () => Math.floor(canvas.clientWidth) || model.get("_default_width");

  function report(message) {
    try {
      if (alive) model.send(message);
    } catch {
      // The kernel is gone; the picture stays.
    }
  }

  function listen(view, spec) {
    view.addEventListener("click", (_event, item) => {
      if (item?.datum) report({ kind: "clicked", datum: plainFields(item.datum) });
    });
    for (const param of spec.params ?? []) {
      if (!param.select) continue;
      let timer = null;
      let latest = null;
      let lastTold = -Infinity;
      const tell = () => {
        timer = null;
        lastTold = performance.now();
        report({ kind: "selected", name: param.name, value: latest });
      };
      view.addSignalListener(param.name, (_name, value) => {
        const next = JSON.parse(JSON.stringify(value));
        if (timer !== null && Object.keys(next).length === 0) {
          clearTimeout(timer); // let go of: where it was let go is told before that nothing is held any more
          tell();
        }
        latest = next;
        const quiet = performance.now() - lastTold;
        if (quiet >= SELECTION_PAUSE) tell();
        else timer ??= setTimeout(tell, SELECTION_PAUSE - quiet); // the last value always arrives
      });
    }
  }

  async function embed(vegaEmbed, spec, rows) {
    shown?.result.finalize();
    shown = null;
    const stretch = isStretchable(spec);
    const names = new Set();
    const width = roomFor();
    const sized = stretch ? { ...spec, width, autosize: { type: "fit-x", contains: "padding" } } : spec;
    const styled = { ...within(sized, width - axis), config: merged(spec.config ?? {}, look.config) };
    const result = await vegaEmbed(canvas, styled, {
      mode: "vega-lite",
      actions: false,
      renderer: "svg",
      tooltip: { theme: look.dark ? "dark" : "light" },
      patch: (compiled) => {
        for (const source of compiled.data ?? []) {
          if (rows[source.name]) {
            source.values = toRows(rows[source.name]);
            names.add(source.name); // a data set that no mark draws is not in the compiled chart
          }
        }
        return compiled;
      },
    });
    if (!alive) {
      result.finalize();
      return;
    }
    canvas.dataset.embeds = String(Number(canvas.dataset.embeds ?? 0) + 1);
    shown = { result, spec, names, look: look.key, stretch, width, drawnAt: width, isStale: false };
    listen(result.view, spec);
  }

  // What the names of the axis take is known once they are drawn.
  function isSettled({ result, spec, drawnAt }) {
    const taken = Math.round(result.view.origin()[0]);
    if (Math.abs(taken - axis) < 2) return true;
    const before = laidOut(spec, drawnAt);
    axis = taken;
    return laidOut(spec, drawnAt) === before;
  }

  async function update(rows) {
    const view = shown.result.view;
    for (const [name, table] of Object.entries(rows)) {
      if (shown.names.has(name)) view.data(name, toRows(table)); // takes the old rows out, puts the new ones in
    }
    await view.runAsync();
  }

  // Marks that carry no words, such as a line to compare with, are pictures to nobody who cannot see them.
  function quieten() {
    for (const mark of canvas.querySelectorAll('[role="graphics-symbol"]:not([aria-label])')) {
      mark.setAttribute("aria-hidden", "true");
    }
  }

  function describe(text) {
    if (text === shown.description) return;
    shown.description = text;
    shown.result.view.description(text);
  }

  async function drawOnce() {
    const vegaEmbed = await patientVega(model, stillWanted, () => {
      note.textContent = "Still waiting for the chart library. The numbers are in the table.";
    });
    if (!alive || !vegaEmbed) return;
    const spec = model.get("_spec");
    const revision = model.get("_revision");
    if (!spec || Object.keys(spec).length === 0) return;
    const rows = model.get("_rows");
    look ??= pageLook();
    if (!shown || shown.spec !== spec || shown.look !== look.key || shown.isStale) await embed(vegaEmbed, spec, rows);
    else await update(rows);
    if (alive && shown && !isSettled(shown)) await embed(vegaEmbed, spec, rows);
    if (!alive || !shown) return;
    describe(model.get("_description"));
    quieten();
    note.hidden = true;
    canvas.dataset.drawn = String(revision);
    report({ kind: "drawn", revision, embeds: Number(canvas.dataset.embeds) });
  }

  async function draw() {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again && alive) {
        again = false;
        await drawOnce();
      }
    } catch (error) {
      note.hidden = false;
      note.textContent = "The chart could not be drawn. The numbers are in the table. Run the cell again to retry.";
      report({ kind: "failed", reason: String(error?.message ?? error) });
    } finally {
      busy = false;
    }
  }

  // The picture stands on the page's paper: what is pasted elsewhere has to read there, too.
  async function asPicture() {
    const drawn = await shown.result.view.toCanvas(2);
    const paper = document.createElement("canvas");
    [paper.width, paper.height] = [drawn.width, drawn.height];
    const pen = paper.getContext("2d");
    pen.fillStyle = getComputedStyle(document.body).getPropertyValue("--jp-layout-color1").trim() || "#ffffff";
    pen.fillRect(0, 0, paper.width, paper.height);
    pen.drawImage(drawn, 0, 0);
    return new Promise((resolve) => paper.toBlob(resolve, "image/png"));
  }

  function asText() {
    const table = holder.closest(".jupyter-widgets:has(> .wb-under), .wb-place, .wb-section")?.querySelector(".wb-under table");
    const lines = [...(table?.rows ?? [])].map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join("\t"));
    return lines.join("\n");
  }

  function tool(label, done, copy) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", async () => {
      try {
        await copy();
        button.textContent = done;
      } catch {
        button.textContent = "The browser does not allow it";
      }
      setTimeout(() => { button.textContent = label; }, 1800);
    });
    tools.append(button);
  }

  tool("Copy picture", "Picture copied", () =>
    navigator.clipboard.write([new ClipboardItem({ "image/png": asPicture() })]));
  tool("Copy data", "Data copied", () => navigator.clipboard.writeText(asText()));

  const fit = () => {
    const width = Math.floor(canvas.clientWidth);
    if (!shown || width === 0 || Math.abs(width - shown.width) < 2) return;
    shown.width = width;
    const isOther = width < shown.drawnAt || width > shown.drawnAt + SCROLLBAR;
    shown.isStale = isOther && laidOut(shown.spec, width) !== laidOut(shown.spec, shown.drawnAt);
    if (shown.isStale) draw();
    else if (shown.stretch) shown.result.view.width(width).runAsync();
  };
  const sizes = new ResizeObserver(() => requestAnimationFrame(fit));
  sizes.observe(canvas);
  const inkChanged = () => setTimeout(() => {
    look = pageLook();
    if (look.key !== shown?.look) draw();
  }, 50);
  const themes = new MutationObserver(inkChanged);
  for (const query of STARK) query.addEventListener("change", inkChanged);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  model.on("change:_revision", draw);
  draw();

  return () => {
    alive = false;
    sizes.disconnect();
    themes.disconnect();
    for (const query of STARK) query.removeEventListener("change", inkChanged);
    model.off("change:_revision", draw);
    shown?.result.finalize();
    shown = null;
  };
}

export default { render };
