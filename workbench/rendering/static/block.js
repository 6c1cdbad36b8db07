// A block of ready, escaped HTML. Replacing it keeps opened details open and tables scrolled where they were.

function render({ model, el }) {
  el.classList.add("wb-block");
  const role = model.get("role");
  if (role) {
    el.setAttribute("role", role);
    el.setAttribute("aria-live", role === "alert" ? "assertive" : "polite");
  }

  function show() {
    const open = [...el.querySelectorAll("details")].map((node) => node.open);
    const scrolled = [...el.querySelectorAll(".wb-scroll")].map((node) => node.scrollTop);
    // Made by workbench.ui.html, where every text is escaped. A line must not break between a minus sign and the
    // currency sign behind it.
    el.innerHTML = model.get("value").replace(/\u2212(?=[^\s\w<&])/g, "\u2212\u2060");
    el.querySelectorAll("details").forEach((node, index) => {
      if (open[index] !== undefined) node.open = open[index];
    });
    el.querySelectorAll(".wb-scroll").forEach((node, index) => {
      if (scrolled[index]) node.scrollTop = scrolled[index];
    });
  }

  model.on("change:value", show);
  show();
  return () => model.off("change:value", show);
}

export default { render };
