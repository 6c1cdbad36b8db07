// A block of ready, escaped HTML. Replacing it keeps opened details open and tables scrolled where they were.

let made = 0; // terms explained on this page, so that no two have one id

// The first text that holds these words, outside of headings and of what is pressed or opened.
function placeOf(el, words) {
  const texts = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
  const wanted = words.toLowerCase();
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const at = node.data.toLowerCase().indexOf(wanted);
    if (at >= 0 && !node.parentElement.closest("button, a, summary, h2, h3, h4, [popover]")) return node.splitText(at + words.length);
  }
  return null;
}

// One button with what a term means: Enter opens it, Escape closes it, and the focus goes back to the button.
function help(key, term) {
  const button = document.createElement("button");
  const told = document.createElement("span");
  made += 1;
  told.id = `wb-term-${key}-${made}`;
  told.className = "wb-term-told";
  told.popover = "auto";
  const name = document.createElement("b");
  name.textContent = term.name;
  told.append(name, ` ${term.text}`);
  button.type = "button";
  button.className = "wb-term";
  button.dataset.term = key;
  button.textContent = "?";
  button.setAttribute("aria-label", term.asked);
  button.setAttribute("popovertarget", told.id);
  told.addEventListener("beforetoggle", () => {
    const at = button.getBoundingClientRect();
    told.style.left = `${Math.max(8, Math.min(at.left, innerWidth - 348))}px`;
    told.style.top = at.bottom > innerHeight - 160 ? "auto" : `${at.bottom + 6}px`;
    told.style.bottom = at.bottom > innerHeight - 160 ? `${innerHeight - at.top + 6}px` : "auto";
  });
  return [button, told];
}

function explain(el, terms) {
  // Where a section has explained a term above, it is not explained again.
  const around = el.closest(".wb-section, .wb-place, .wb-static") ?? el;
  for (const [key, term] of Object.entries(terms)) {
    const place = around.querySelector(`.wb-term[data-term="${key}"]`) ? null : placeOf(el, term.written);
    place?.before(...help(key, term));
  }
}

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
    // Made by workbench.rendering.html, where every text is escaped. A line must not break between a minus sign and the
    // currency sign behind it.
    el.innerHTML = model.get("value").replace(/\u2212(?=[^\s\w<&])/g, "\u2212\u2060");
    // Once it stands on the page, so that what stands above it is known.
    requestAnimationFrame(() => explain(el, model.get("terms")));
    el.querySelectorAll("details").forEach((node, index) => {
      if (open[index] !== undefined) node.open = open[index];
    });
    el.querySelectorAll(".wb-scroll").forEach((node, index) => {
      if (scrolled[index]) node.scrollTop = scrolled[index];
    });
  }

  const press = (event) => {
    const button = event.target.closest("[data-do]");
    if (button) model.send({ do: button.dataset.do });
  };
  el.addEventListener("click", press);
  model.on("change:value", show);
  show();
  return () => {
    el.removeEventListener("click", press);
    model.off("change:value", show);
  };
}

export default { render };
