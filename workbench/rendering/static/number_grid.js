// A table of boxes with row and column headers; every box is named "row, column, unit". A column has numbers, or by
// its `kind` text, days or boxes to tick.

const blank = (value) => value === null || value === undefined;

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
      if (input.type === "checkbox") input.checked = Boolean(value);
      else input.value = blank(value) ? "" : String(value);
    }));
  }

  function accept(input, row, column, spec) {
    delete input.dataset.typing;
    note.textContent = "";
    if (spec.kind) return keep(row, column, input.type === "checkbox" ? input.checked : input.value.trim() || null);
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
    return keep(row, column, value);
  }

  function keep(row, column, value) {
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
    // Where a row more comes to stand below the hand, it stays in its cell, with what is typed there.
    const place = boxes.flatMap((line, row) => line.map((input, column) => [input, row, column]))
      .find(([input]) => input === el.getRootNode().activeElement);
    const typed = place?.[0].dataset.typing ? place[0].value : null;
    scroll.replaceChildren();
    const table = element("table", "wb-table wb-grid", scroll);
    element("caption", "", table, model.get("label"));
    const head = element("tr", "", element("thead", "", table));
    element("th", "", head, model.get("row_heading")).scope = "col";
    for (const column of columns) {
      const cell = element("th", column.kind ? "" : "wb-right", head, column.label);
      cell.scope = "col";
      if (column.unit) element("div", "wb-note", cell, column.unit);
    }
    const body = element("tbody", "", table);
    boxes = rows.map((row, rowIndex) => {
      const line = element("tr", "", body);
      element("th", "wb-row-name", line, row).scope = "row";
      return columns.map((column, columnIndex) => {
        const kind = column.kind ?? "number";
        const place = element("td", kind === "number" ? "wb-right" : "", line);
        const input = element(kind === "text" ? "textarea" : "input", kind === "number" ? "wb-input" : `wb-input wb-${kind}`, place);
        if (kind === "text") input.rows = 1;
        else input.type = kind;
        input.autocomplete = "off";
        if (kind === "number") input.inputMode = "decimal";
        if (column.width) input.style.width = column.width;
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
    const again = place && boxes[place[1]]?.[place[2]];
    if (!again) return;
    if (typed !== null) Object.assign(again, { value: typed }).dataset.typing = "yes";
    again.focus();
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
