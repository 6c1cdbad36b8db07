// A table of on/off cells: real buttons with aria-pressed, arrow keys move between them.

function render({ model, el }) {
  const scroll = element("div", "wb-scroll wb-matrix-scroll", el);
  el.addEventListener("keydown", keepPlainKeys);
  let buttons = [];
  let at = [0, 0];

  function mark(button, on) {
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "✓" : "–";
    button.classList.toggle("wb-on", on);
  }

  function showCells() {
    const cells = model.get("cells");
    buttons.forEach((line, row) => line.forEach((button, column) => {
      mark(button, Boolean(cells[row]?.[column]));
      button.disabled = model.get("disabled");
    }));
  }

  function focus(row, column) {
    const next = buttons[row]?.[column];
    if (!next) return;
    buttons[at[0]]?.[at[1]]?.setAttribute("tabindex", "-1");
    at = [row, column];
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  function flip(row, column) {
    const cells = model.get("cells").map((line) => [...line]);
    cells[row][column] = !cells[row][column];
    model.set("cells", cells);
    model.save_changes();
  }

  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function build() {
    const [rows, columns] = [model.get("rows"), model.get("columns")];
    const hadFocus = scroll.contains(document.activeElement);
    scroll.replaceChildren();
    const table = element("table", "wb-table wb-matrix", scroll);
    element("caption", "", table, model.get("label"));
    const head = element("tr", "", element("thead", "", table));
    element("th", "", head, model.get("row_heading")).scope = "col";
    for (const column of columns) {
      const cell = element("th", "wb-center", head, column.label);
      cell.scope = "col";
      if (column.note) element("div", "wb-note", cell, column.note);
    }
    const body = element("tbody", "", table);
    let group = null;
    buttons = rows.map((row, rowIndex) => {
      if (row.group && row.group !== group) {
        group = row.group;
        const heading = element("th", "wb-group", element("tr", "", body), group);
        heading.colSpan = columns.length + 1;
        heading.scope = "rowgroup";
      }
      const line = element("tr", "", body);
      const name = element("th", "wb-row-name", line, row.label);
      name.scope = "row";
      if (row.note) element("span", "wb-note wb-aside", name, row.note);
      return columns.map((column, columnIndex) => {
        const button = element("button", "wb-cell", element("td", "wb-center", line));
        button.type = "button";
        button.setAttribute("aria-label", `${row.label} in ${column.label}`);
        button.setAttribute("tabindex", rowIndex === at[0] && columnIndex === at[1] ? "0" : "-1");
        button.addEventListener("click", () => {
          focus(rowIndex, columnIndex);
          flip(rowIndex, columnIndex);
        });
        button.addEventListener("keydown", (event) => {
          const move = moves[event.key];
          if (!move) return;
          event.preventDefault();
          focus(rowIndex + move[0], columnIndex + move[1]);
        });
        return button;
      });
    });
    if (!buttons[at[0]]?.[at[1]]) {
      at = [0, 0];
      buttons[0]?.[0]?.setAttribute("tabindex", "0");
    }
    showCells();
    if (hadFocus) focus(...at);
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
