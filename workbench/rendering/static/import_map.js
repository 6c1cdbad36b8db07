// How exports are read: per file what it is, per column yours -> ours with three values, and what whole tables say.
// Every answer is sent to the kernel, which sends back what follows from it.

function render({ model, el }) {
  el.classList.add("wb-import");
  const words = model.get("words");
  const opened = new Map();
  el.addEventListener("keydown", keepPlainKeys);

  function answer(file, line, value) {
    el.setAttribute("aria-busy", "true");
    model.send({ kind: "answer", file, line, value });
  }

  function mark(parent, sure) {
    if (sure) return;
    const told = element("span", "wb-status wb-is-watch", parent, `▲ ${words.confirm}`);
    told.setAttribute("title", words.confirm_help);
  }

  function list(parent, label, key, choices, value, given) {
    const select = element("select", "wb-import-choice", parent);
    select.setAttribute("aria-label", label);
    select.dataset.key = key;
    const known = choices.some(([each]) => each === value) ? choices : [[value, value], ...choices];
    for (const [each, text] of known) {
      const option = element("option", "", select, text);
      option.value = each;
      option.selected = each === value;
    }
    select.disabled = model.get("disabled");
    select.addEventListener("change", () => given(select.value));
    return select;
  }

  function confirmButton(parent, label, key, given) {
    const button = element("button", "wb-import-yes", parent, "✓");
    button.type = "button";
    button.dataset.key = key;
    button.title = words.right;
    button.setAttribute("aria-label", `${label}: ${words.right}`);
    button.disabled = model.get("disabled");
    button.addEventListener("click", given);
  }

  function findingLine(parent, found) {
    const line = element("li", `wb-is-${found.sure ? "ok" : "watch"}`, parent);
    const said = element("p", "", line);
    element("span", "wb-status", said, found.sure ? `✓ ${words.said}` : `▲ ${words.confirm}`);
    element("b", "", said, found.title);
    element("p", "", line, found.evidence);
    const answers = element("div", "wb-import-answers", line);
    for (const [value, text] of found.choices) {
      const button = element("button", "wb-import-answer", answers, text);
      button.type = "button";
      button.dataset.key = `finding ${found.key} ${value}`;
      button.disabled = model.get("disabled");
      const chosen = value === found.value;
      button.setAttribute("aria-pressed", String(chosen && found.sure));
      button.classList.toggle("wb-on", chosen && found.sure);
      if (chosen && !found.sure) element("span", "wb-note", button, ` (${words.suggested})`);
      button.addEventListener("click", () => answer("", found.key, value));
    }
  }

  function columnRow(body, table, column) {
    const row = element("tr", column.sure ? "" : "wb-import-open", body);
    element("th", "wb-row-name", row, column.name).scope = "row";
    const values = element("td", "wb-import-values", row, column.values.join(" · ") || "–");
    values.title = column.values.join("\n");
    const cell = element("td", "", row);
    const line = element("div", "wb-import-ours", cell);
    const label = `${column.name} (${table.file})`;
    const choices = column.own ? [[column.own, words.kept_as_it_is], ...table.roles] : table.roles;
    const key = `column ${table.file} ${column.name}`;
    list(line, label, key, choices, column.ours, (value) => answer(table.file, column.name, value));
    if (!column.sure) confirmButton(line, label, `yes ${key}`, () => answer(table.file, column.name, column.ours));
    const why = element("td", "wb-note", row);
    mark(why, column.sure);
    if (column.why !== table.note) element("span", "", why, column.why);
  }

  function columnTable(parent, table, columns, caption) {
    const made = element("table", "wb-table", parent);
    element("caption", "", made, caption);
    const head = element("tr", "", element("thead", "", made));
    for (const text of [words.yours, words.values, words.ours, words.why]) element("th", "", head, text).scope = "col";
    const body = element("tbody", "", made);
    for (const column of columns) columnRow(body, table, column);
  }

  function fold(parent, key, summary, startsOpen) {
    const details = element("details", "", parent);
    details.open = opened.has(key) ? opened.get(key) : startsOpen;
    details.addEventListener("toggle", () => opened.set(key, details.open));
    const line = element("summary", "", details, summary);
    line.dataset.key = `fold ${key}`;
    return details;
  }

  function fileCard(parent, table) {
    const card = element("section", "wb-import-file", parent);
    card.setAttribute("aria-label", table.file);
    const head = element("div", "wb-import-head", card);
    element("b", "wb-import-name", head, table.file);
    element("span", "", head, words.is);
    const label = `${table.file}: ${words.what_it_is}`;
    list(head, label, `table ${table.file}`, table.choices, table.read_as, (value) => answer(table.file, "table", value));
    if (!table.sure) {
      confirmButton(head, label, `yes table ${table.file}`, () => answer(table.file, "table", table.read_as));
    }
    mark(head, table.sure);
    element("span", "wb-note", head, table.note);
    for (const option of table.options) {
      const line = element("div", "wb-import-head", card);
      element("span", "", line, option.label);
      if (option.choices.length) {
        list(line, `${table.file}: ${option.label}`, `option ${table.file} ${option.key}`, option.choices, option.value,
          (value) => answer(table.file, option.key, value));
      } else element("b", "", line, option.value);
      if (!option.sure) {
        confirmButton(line, `${table.file}: ${option.label}`, `yes option ${table.file} ${option.key}`,
          () => answer(table.file, option.key, option.value));
      }
      mark(line, option.sure);
      element("span", "wb-note", line, option.why);
    }
    const first = table.columns.filter((column) => !column.sure || column.used);
    const rest = table.columns.filter((column) => column.sure && !column.used);
    if (first.length) {
      const inside = fold(card, `columns ${table.file}`, table.summary, table.open > 0);
      columnTable(element("div", "wb-scroll", inside), table, first, "");
    }
    if (rest.length) {
      const inside = fold(card, `unused ${table.file}`, table.unused, false);
      columnTable(element("div", "wb-scroll", inside), table, rest, "");
    }
  }

  function ruleLine(parent, rule) {
    const line = element("div", "wb-import-rule", parent);
    element("span", "", line, rule.label);
    list(line, rule.label, `rule ${rule.key}`, rule.choices, rule.value, (value) => answer("rules", rule.key, value));
    element("span", "wb-note", line, rule.help);
  }

  function show() {
    const shown = model.get("shown");
    const focused = el.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    el.replaceChildren();
    el.removeAttribute("aria-busy");
    if (!shown.tables) return;
    if (shown.findings.length) {
      element("h4", "", el, words.findings);
      const list_ = element("ul", "wb-findings", el);
      for (const found of shown.findings) findingLine(list_, found);
    }
    if (shown.tables.length) element("h4", "", el, words.files);
    for (const table of shown.tables) fileCard(el, table);
    if (shown.rules.length) {
      const inside = fold(el, "rules", words.rules, false);
      for (const rule of shown.rules) ruleLine(inside, rule);
    }
    if (focused) [...el.querySelectorAll("[data-key]")].find((node) => node.dataset.key === focused)?.focus();
  }

  model.on("change:shown change:disabled", show);
  show();
  return () => model.off("change:shown change:disabled", show);
}

export default { render };
