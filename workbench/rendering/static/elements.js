// What the scripts of several widgets make their elements with; it is put before each of them.

function element(tag, className, parent, text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  parent.append(node);
  return node;
}

// JupyterLab reads plain keys as its own commands (arrows move between cells, letters cut and insert them).
// They stay here; combinations such as Ctrl+S still reach it.
function keepPlainKeys(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}
