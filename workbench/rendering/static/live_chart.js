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
const SELECTION_PAUSE = 80; // a mark that is dragged tells where it is at most this often

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

function pageLook() {
  const css = getComputedStyle(document.body);
  const read = (name, otherwise) => css.getPropertyValue(name).trim() || otherwise;
  const dark = document.body.dataset.jpThemeLight === "false";
  const text = read("--jp-content-font-color1", dark ? "#f0f0f0" : "#1f2328");
  const soft = read("--jp-content-font-color2", dark ? "#c0c0c0" : "#57606a");
  const line = read("--jp-border-color1", dark ? "#616161" : "#bdbdbd");
  const grid = read("--jp-border-color2", dark ? "#424242" : "#e0e0e0");
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
  holder.append(canvas, note);
  el.append(holder);

  let alive = true;
  let busy = false;
  let again = false;
  let shown = null; // { result, spec, names, look, description, stretch, width }
  let look = null; // asking the page for its colours costs a layout, so it is done again only when the theme changes
  const stillWanted = () => alive;
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
    const styled = { ...sized, config: merged(spec.config ?? {}, look.config) };
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
    shown = { result, spec, names, look: look.key, stretch, width };
    listen(result.view, spec);
  }

  async function update(rows) {
    const view = shown.result.view;
    for (const [name, table] of Object.entries(rows)) {
      if (shown.names.has(name)) view.data(name, toRows(table)); // takes the old rows out, puts the new ones in
    }
    await view.runAsync();
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
    if (!shown || shown.spec !== spec || shown.look !== look.key) await embed(vegaEmbed, spec, rows);
    else await update(rows);
    if (!alive || !shown) return;
    describe(model.get("_description"));
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

  const fit = () => {
    const width = Math.floor(canvas.clientWidth);
    if (!shown?.stretch || width === 0 || Math.abs(width - shown.width) < 2) return;
    shown.width = width;
    shown.result.view.width(width).runAsync();
  };
  const sizes = new ResizeObserver(() => requestAnimationFrame(fit));
  sizes.observe(canvas);
  const themes = new MutationObserver(() => setTimeout(() => {
    look = pageLook();
    if (look.key !== shown?.look) draw();
  }, 50));
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  model.on("change:_revision", draw);
  draw();

  return () => {
    alive = false;
    sizes.disconnect();
    themes.disconnect();
    model.off("change:_revision", draw);
    shown?.result.finalize();
    shown = null;
  };
}

export default { render };
