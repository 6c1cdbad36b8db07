// A button that takes files from this computer. They travel in pieces, each answered before the next one goes, because
// a single large message would be dropped without a word on its way to the kernel.

const PIECE = 1 << 20;

function render({ model, el }) {
  el.classList.add("wb-number", "wb-file-box");
  const id = `wb-file-${Math.random().toString(36).slice(2)}`;
  const label = document.createElement("label");
  label.className = "wb-label";
  label.htmlFor = id;
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.id = id;
  const told = document.createElement("div");
  told.className = "wb-note";
  told.setAttribute("role", "status");
  el.append(label, input, told);

  let answered = null;
  function heard(message) {
    if (message.kind === "next" && answered) answered();
  }
  function send(message, buffers) {
    return new Promise((resolve) => {
      answered = resolve;
      model.send(message, undefined, buffers);
    });
  }

  async function take() {
    const files = [...input.files];
    if (!files.length) return;
    const limit = model.get("limit");
    const large = files.filter((file) => file.size > limit);
    if (large.length) {
      const names = large.map((file) => file.name).join(", ");
      told.textContent = `Not taken: ${names} is larger than ${Math.round(limit / 1048576)} MB. ` +
        "Put it into a folder on this machine and name the folder instead.";
      input.value = "";
      return;
    }
    input.disabled = true;
    await send({ kind: "begin" }, []);
    for (const file of files) {
      for (let start = 0; start === 0 || start < file.size; start += PIECE) {
        told.textContent = `Receiving ${file.name}: ${Math.round((100 * start) / Math.max(file.size, 1))}%`;
        const piece = await file.slice(start, start + PIECE).arrayBuffer();
        await send({ kind: "piece", name: file.name }, [piece]);
      }
    }
    told.textContent = `Received: ${files.map((file) => file.name).join(", ")}`;
    input.disabled = false;
    input.value = ""; // so that the same file, corrected, can be chosen again
    await send({ kind: "end" }, []);
  }

  function show() {
    label.textContent = model.get("label");
    input.accept = model.get("accept");
    input.disabled = model.get("disabled");
  }

  input.addEventListener("change", take);
  model.on("msg:custom", heard);
  model.on("change:label change:accept change:disabled", show);
  show();
  return () => {
    model.off("msg:custom", heard);
    model.off("change:label change:accept change:disabled", show);
  };
}

export default { render };
