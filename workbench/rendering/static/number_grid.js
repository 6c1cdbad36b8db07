// A table of number boxes with row and column headers; every box is named "row, column, unit".

function element(tag, className, parent, text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  parent.append(node);
  return node;
}

const blank = (value) => value === null || value === undefined;

// JupyterLab reads plain keys as its own commands (arrows move between cells, letters cut and insert them).
// They stay here; combinations such as Ctrl+S still reach it.
function keepPlainKeys(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

function render({ model, el }) {
  const scroll = element("div", "wb-scroll", el);
  el.addEventListener("keydown", keepPlainKeys);
  const note = element("p", "wb-note", el);
  note.setAttribute("role", "status");
  let boxes = [];

  function showCells() {
    const cells = model.get("cells");
    boxes.forEach((line, row) => line.forEach((input, column) => {
      input.disabled = model.get("disabled");
      if (input.dataset.typing) return;
      const value = cells[row]?.[column];
      input.value = blank(value) ? "" : String(value);
    }));
  }

  function accept(input, row, column, spec) {
    delete input.dataset.typing;
    note.textContent = "";
    const text = input.value.trim();
    let value = text === "" ? null : Number(text);
    if (input.validity.badInput || Number.isNaN(value) || (value === null && !spec.optional)) {
      note.textContent = `${input.getAttribute("aria-label")}: a number is needed; the previous one stays.`;
      showCells();
      return;
    }
    if (value !== null) {
      if (spec.whole) value = Math.round(value);
      const inside = Math.min(Math.max(value, spec.minimum ?? -Infinity), spec.maximum ?? Infinity);
      if (inside !== value) note.textContent = `${input.getAttribute("aria-label")}: the nearest possible value is ${inside}.`;
      value = inside;
    }
    const cells = model.get("cells").map((line) => [...line]);
    if (cells[row][column] === value) {
      showCells();
      return;
    }
    cells[row][column] = value;
    model.set("cells", cells);
    model.save_changes();
    showCells();
  }

  function build() {
    const [rows, columns] = [model.get("rows"), model.get("columns")];
    scroll.replaceChildren();
    const table = element("table", "wb-table wb-grid", scroll);
    element("caption", "", table, model.get("label"));
    const head = element("tr", "", element("thead", "", table));
    element("th", "", head, model.get("row_heading")).scope = "col";
    for (const column of columns) {
      const cell = element("th", "wb-right", head, column.label);
      cell.scope = "col";
      if (column.unit) element("div", "wb-note", cell, column.unit);
    }
    const body = element("tbody", "", table);
    boxes = rows.map((row, rowIndex) => {
      const line = element("tr", "", body);
      element("th", "wb-row-name", line, row).scope = "row";
      return columns.map((column, columnIndex) => {
        const input = element("input", "wb-input", element("td", "wb-right", line));
        Object.assign(input, { type: "number", inputMode: "decimal", autocomplete: "off" });
        input.step = column.step ?? "any";
        if (!blank(column.minimum)) input.min = column.minimum;
        if (!blank(column.maximum)) input.max = column.maximum;
        input.setAttribute("aria-label", [row, column.label, column.unit].filter(Boolean).join(", "));
        input.addEventListener("input", () => (input.dataset.typing = "yes"));
        input.addEventListener("change", () => accept(input, rowIndex, columnIndex, column));
        return input;
      });
    });
    showCells();
  }

  const structure = ["rows", "columns", "label", "row_heading"];
  for (const name of structure) model.on(`change:${name}`, build);
  for (const name of ["cells", "disabled"]) model.on(`change:${name}`, showCells);
  build();
  return () => {
    for (const name of structure) model.off(`change:${name}`, build);
    for (const name of ["cells", "disabled"]) model.off(`change:${name}`, showCells);
  };
}

export default { render };
