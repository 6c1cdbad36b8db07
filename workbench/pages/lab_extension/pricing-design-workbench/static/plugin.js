// The workbench as an app inside JupyterLab, for notebooks that carry its mark in their metadata and for no other:
// a bar with the step, back and next; code hidden and one key away; cells run on open where that is safe and needed;
// JupyterLab's own furniture hidden and one key away.

const MARK = "workbench"; // the key of the notebook's metadata: {"app": true} for the app, {} for a step of the sequence
const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";
const SEQUENCE = /^\d\d[a-z]?_.*\.ipynb$/;
const APP = "workbench.ipynb";
const FURNITURE = "workbench-furniture"; // remembered for the tab of the browser, not longer
const RESTARTED = 800; // milliseconds until whoever restarted a kernel has begun to run cells, if they mean to
const QUIET = 1500; // milliseconds of rest after which the bar asks how far the study is
const WIDGET_LOADS = 60000; // milliseconds a widget, and the kernel's account of all of them, may take to load
const LOOK_AGAIN = 250; // milliseconds between two looks at whether they are there
const STATES_WITHIN = 4000; // milliseconds JupyterLab's widget manager gives the kernel for that account

const WORDS = {
  back: "Back",
  next: "Next",
  start: "Start",
  again: "Start again",
  starting: "Starting …",
  running: (done, all) => `Working: ${done} of ${all}`,
  failed: "It stopped at a cell that failed; its message stands below.",
  stopped: "Its kernel has stopped.",
  offered: "Not started: this copy was not made by the workbench on this machine, or has been changed since.",
  fresh: "Not started.",
  step: (at, all) => `Step ${at} of ${all}`,
  showCode: "Show code",
  hideCode: "Hide code",
  showLab: "JupyterLab",
  hideLab: "Hide JupyterLab",
  notebook: "As a notebook",
  app: "All steps in one app",
};

/**
 * Let widgets take their time. A widget that has not loaded within two seconds hears nothing from its kernel ever after
 * (anywidget), and a page that is loaded again, with thousands of them at once, takes longer on a busy machine. A kernel
 * that is at work when the page asks for all of them answers after four seconds, when nobody listens any more, and the
 * page then finds none (JupyterLab's widget manager).
 */
function waitForWidgets() {
  const isOf = (who) => new Error().stack?.includes(who);
  const abort = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (time) => abort(isOf("/anywidget/") ? Math.max(time, WIDGET_LOADS) : time);
  const later = window.setTimeout.bind(window);
  window.setTimeout = (call, time, ...rest) =>
    later(call, time === STATES_WITHIN && isOf("/jupyterlab-manager/") ? WIDGET_LOADS : time, ...rest);
}

/** A button as the browser makes it: reached by Tab, pressed by Enter and Space. */
function button(label, title, pressed) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = "wb-bar-button";
  node.textContent = label;
  node.title = title;
  node.addEventListener("click", pressed);
  return node;
}

function text(className, role) {
  const node = document.createElement("span");
  node.className = className;
  if (role) node.setAttribute("role", role);
  return node;
}

export default async function plugin(take) {
  const { INotebookTracker, NotebookActions } = await take("@jupyterlab/notebook");
  const { Widget } = await take("@lumino/widgets");

  /** JupyterLab's menus, tabs and side bars: away while one of our notebooks is in front, unless somebody wants them. */
  class Furniture {
    constructor(app) {
      this.app = app;
      this.wanted = sessionStorage.getItem(FURNITURE) === "shown";
      this.shown = true;
      this.heard = [];
    }

    toggle() {
      this.wanted = !this.wanted;
      sessionStorage.setItem(FURNITURE, this.wanted ? "shown" : "hidden");
      this.settle(true);
    }

    settle(ours) {
      const shown = this.wanted || !ours;
      if (shown === this.shown) return;
      this.shown = shown;
      const { shell } = this.app;
      shell.mode = shown ? "multiple-document" : "single-document";
      for (const widget of shell.layout.widgets) {
        if (["jp-top-panel", "jp-menu-panel", "jp-bottom-panel"].includes(widget.id)) widget.setHidden(!shown);
      }
      for (const side of ["left", "right"]) {
        const isThere = shell.isSideTabBarVisible(side);
        if (isThere !== shown) shell.toggleSideTabBarVisibility(side);
      }
      if (shown) shell.expandLeft();
      else {
        shell.collapseLeft();
        shell.collapseRight();
      }
      document.body.classList.toggle("wb-alone", !shown);
      for (const each of this.heard) each();
    }
  }

  /** One notebook of ours: its bar, its code, and whether its cells have to be run. */
  class Guide {
    constructor(app, panel, furniture) {
      this.app = app;
      this.panel = panel;
      this.furniture = furniture;
      this.isApp = Boolean(panel.model.getMetadata(MARK).app);
      this.neighbours = {};
      this.isRunning = false;
      panel.addClass("wb-notebook");
      panel.toggleClass("wb-is-app", this.isApp);
      panel.toolbar.hide();
      this.build();
      this.showCode(false);
      furniture.heard.push(() => this.showFurniture());
      this.showFurniture();
      this.follow();
    }

    // --- The bar

    build() {
      const go = (by) => () => this.go(by);
      this.back = button(`◀ ${WORDS.back}`, "Alt+B", go(-1));
      this.next = button(`${WORDS.next} ▶`, "Alt+N", go(1));
      this.step = text("wb-bar-step");
      this.standing = text("wb-bar-soft");
      this.said = text("wb-bar-said", "status");
      this.start = button(WORDS.start, "", () => this.run());
      this.start.classList.add("wb-bar-primary");
      this.other = button("", "", () => this.open(this.neighbours.other));
      this.code = button("", "Alt+C", () => this.toggleCode());
      this.lab = button("", "Alt+J", () => this.furniture.toggle());
      const shortcuts = { back: "Alt+B", next: "Alt+N", code: "Alt+C", lab: "Alt+J" };
      for (const [name, keys] of Object.entries(shortcuts)) this[name].setAttribute("aria-keyshortcuts", keys);
      const rest = text("wb-bar-rest");
      const bar = new Widget({ node: document.createElement("nav") });
      bar.addClass("wb-bar");
      bar.node.setAttribute("aria-label", "Steps");
      bar.node.append(this.back, this.step, this.next, this.standing, this.start, this.said, rest);
      bar.node.append(this.other, this.code, this.lab);
      this.panel.contentHeader.addWidget(bar);
      this.listCells();
      this.panel.node.dataset.workbenchBar = "shown"; // the app leaves its own back and next away
      this.show({});
      this.say(WORDS.starting);
    }

    /** JupyterLab calls the list of cells a feed, whose parts must be articles, and does not call them so. */
    listCells() {
      const list = this.panel.node.querySelector(".jp-WindowedPanel-viewport");
      const name = () => {
        for (const cell of list.children) if (!cell.hasAttribute("role")) cell.setAttribute("role", "article");
      };
      if (!list) return;
      new MutationObserver(name).observe(list, { childList: true });
      name();
    }

    /** Show a step: in the app its own rail says which, in the sequence the files do. */
    show({ at, all, title, standing, back, next, other, otherTitle }) {
      this.neighbours = { back, next, other };
      this.step.textContent = all ? `${WORDS.step(at, all)}${title ? `: ${title}` : ""}` : (title ?? "");
      if (standing !== undefined) this.standing.textContent = standing;
      this.back.disabled = !back;
      this.next.disabled = !next;
      this.other.hidden = !other;
      this.other.textContent = otherTitle ?? "";
    }

    say(message, offer = "") {
      this.said.textContent = message;
      this.start.hidden = !offer;
      this.start.textContent = offer;
    }

    showFurniture() {
      const { shown, wanted } = this.furniture;
      this.lab.textContent = shown && wanted ? WORDS.hideLab : WORDS.showLab;
      this.lab.setAttribute("aria-pressed", String(shown));
    }

    showCode(shown) {
      this.panel.toggleClass("wb-no-code", !shown);
      this.code.textContent = shown ? WORDS.hideCode : WORDS.showCode;
      this.code.setAttribute("aria-pressed", String(shown));
    }

    toggleCode() {
      this.showCode(this.panel.hasClass("wb-no-code"));
    }

    // --- Steps

    async follow() {
      if (this.isApp) {
        this.panel.node.addEventListener("workbench-steps", ({ detail }) =>
          this.show({ ...detail, other: this.beside(detail.notebook), otherTitle: WORDS.notebook }),
        );
        return;
      }
      const folder = this.panel.context.path.split("/").slice(0, -1).join("/");
      const { content } = await this.app.serviceManager.contents.get(folder);
      const names = content.map((each) => each.name);
      const steps = names.filter((name) => SEQUENCE.test(name)).sort();
      const at = steps.indexOf(this.panel.context.path.split("/").pop());
      this.show({
        at,
        all: at < 0 ? 0 : steps.length - 1,
        title: this.heading(),
        back: at > 0 && this.beside(steps[at - 1]),
        next: at >= 0 && this.beside(steps[at + 1]),
        other: names.includes(APP) && this.beside(APP),
        otherTitle: WORDS.app,
      });
    }

    /** The heading of the notebook, without its number and its question. */
    heading() {
      const source = this.panel.model.cells.get(0)?.sharedModel.getSource() ?? "";
      return source.split("\n")[0].replace(/^#+\s*(\d+\w?\.\s*)?/, "").split(":")[0];
    }

    beside(name) {
      if (!name) return "";
      return [...this.panel.context.path.split("/").slice(0, -1), name].join("/");
    }

    open(path) {
      if (path) void this.app.commands.execute("docmanager:open", { path });
    }

    go(by) {
      if (this.isApp) this.panel.node.dispatchEvent(new CustomEvent("workbench-go", { detail: by }));
      else this.open(by < 0 ? this.neighbours.back : this.neighbours.next);
    }

    // --- Running

    get cells() {
      return [...this.panel.model.cells].filter((cell) => cell.type === "code");
    }

    /** The widgets that stand in the notebook's outputs, by the id of their model. */
    get widgets() {
      const outputs = this.cells.flatMap((cell) => cell.outputs.toJSON());
      return outputs.map((output) => output.data?.[WIDGET_VIEW]?.model_id).filter(Boolean);
    }

    /** Ask the kernel for the value of an expression, behind whatever it works on; nothing of it is shown or counted. */
    async ask(expression) {
      const kernel = this.panel.sessionContext.session?.kernel;
      if (!kernel) return "";
      const asked = kernel.requestExecute(
        { code: "", silent: true, store_history: false, user_expressions: { asked: expression } },
        true,
      );
      const reply = await asked.done;
      return reply.content.user_expressions?.asked?.data?.["text/plain"] ?? "";
    }

    /** Tell whether the kernel still holds every widget the notebook shows. */
    async isAlive() {
      await this.ask("1"); // what is running may still show something
      const ids = this.widgets;
      if (!ids.length) return false;
      const found = await this.ask(
        "(lambda module: module is not None and all(each in module._instances for each in " +
          `${JSON.stringify(ids)}))(__import__("sys").modules.get("ipywidgets.widgets.widget"))`,
      );
      return found === "True";
    }

    /**
     * Wait until every widget of the kernel is on the page. JupyterLab's manager looks for one for two seconds, and a
     * page at work on thousands of them finds it after that: what it gave up on by then is drawn again.
     */
    async untilShown() {
      const end = Date.now() + WIDGET_LOADS;
      const areas = () => this.panel.content.widgets.map((cell) => cell.outputArea).filter(Boolean);
      const says = (area, words) =>
        [...area.node.querySelectorAll(".jp-OutputArea-output")].some((node) => node.textContent.startsWith(words));
      while (Date.now() < end) {
        const lost = areas().filter((area) => says(area, "Error displaying widget"));
        for (const { model } of lost) model.fromJSON(model.toJSON());
        if (!lost.length && !areas().some((area) => says(area, "Loading widget"))) return;
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
      }
    }

    /** Take out what only a kernel that is gone could have shown; the tables and pictures beside it stay. */
    forget() {
      for (const cell of this.cells) {
        const outputs = cell.outputs.toJSON();
        if (!outputs.some((output) => output.data?.[WIDGET_VIEW])) continue;
        for (const output of outputs) {
          if (output.data?.[WIDGET_VIEW] && Object.keys(output.data).length > 1) delete output.data[WIDGET_VIEW];
        }
        cell.outputs.fromJSON(outputs);
      }
    }

    /** Bring the notebook to life where it needs to be, once it is in view. */
    async tend() {
      if (this.isRunning || !this.panel.isVisible) return;
      this.isRunning = true;
      try {
        const { sessionContext } = this.panel;
        await sessionContext.ready;
        if (!this.watched) this.watch(sessionContext);
        if (!sessionContext.session?.kernel) {
          this.forget();
          this.say(WORDS.stopped, WORDS.again);
        } else if (await this.isAlive()) {
          await this.untilShown();
          this.say("");
          await this.askStanding();
        } else {
          this.forget();
          const isTrusted = this.cells.every((cell) => cell.trusted);
          if (isTrusted && (this.isApp || !this.hasRestarted)) await this.runCells();
          else this.say(isTrusted ? WORDS.fresh : WORDS.offered, WORDS.start);
        }
      } finally {
        this.isRunning = false;
      }
    }

    /** After a restart the app starts again by itself; a notebook waits for whoever restarted it. */
    watch(sessionContext) {
      this.watched = true;
      let isStale = false;
      sessionContext.statusChanged.connect((_, status) => {
        if (["restarting", "autorestarting", "starting"].includes(status)) isStale = true;
        else if (status === "dead") this.say(WORDS.stopped, WORDS.again);
        else if (status === "idle" && isStale) {
          isStale = false;
          this.hasRestarted = true;
          setTimeout(() => this.tend(), RESTARTED);
        }
      });
      let asking;
      sessionContext.iopubMessage.connect((_, message) => {
        const isDone = message.header.msg_type === "status" && message.content.execution_state === "idle";
        if (!isDone || message.parent_header.msg_type !== "comm_msg") return;
        clearTimeout(asking);
        asking = setTimeout(() => this.panel.isVisible && this.askStanding(), QUIET);
      });
    }

    async run() {
      if (this.isRunning) return;
      this.isRunning = true;
      try {
        const { sessionContext } = this.panel;
        if (!sessionContext.session?.kernel) await sessionContext.changeKernel({ name: sessionContext.kernelPreference.name });
        else if (sessionContext.session.kernel.status === "dead") await sessionContext.restartKernel();
        await this.runCells();
      } finally {
        this.isRunning = false;
      }
    }

    async runCells() {
      const { content, context, sessionContext } = this.panel;
      const all = this.cells.length;
      let done = 0;
      const count = (_, { notebook }) => {
        if (notebook !== content) return;
        done += 1;
        if (done < all) this.say(WORDS.running(done, all));
      };
      this.say(WORDS.starting);
      NotebookActions.executed.connect(count);
      let isWell = false;
      try {
        isWell = await NotebookActions.runCells(content, content.widgets, sessionContext);
      } finally {
        NotebookActions.executed.disconnect(count);
        this.say(isWell ? "" : WORDS.failed, isWell ? "" : WORDS.again);
      }
      if (isWell) await context.save(); // what a page that is loaded again looks for
      if (isWell) await this.askStanding();
    }

    /** Say how far the study is; the app says so itself. */
    async askStanding() {
      if (this.isApp) return;
      const said = await this.ask('__import__("workbench.pages.app", fromlist=["how_far"]).how_far()');
      const found = /^'(.*)'$/.exec(said);
      if (found) this.standing.textContent = found[1];
    }
  }

  waitForWidgets();

  function activate(app, tracker) {
    const furniture = new Furniture(app);
    const guides = new WeakMap();
    const guideInFront = () => guides.get(app.shell.currentWidget);

    const settle = () => {
      const inFront = app.shell.currentWidget;
      if (inFront) furniture.settle(guides.has(inFront));
      void guides.get(inFront)?.tend();
    };
    const guard = async (panel) => {
      await panel.context.ready;
      if (panel.isDisposed || guides.has(panel) || !panel.model?.getMetadata(MARK)) return;
      guides.set(panel, new Guide(app, panel, furniture));
      await app.restored;
      settle();
    };
    tracker.widgetAdded.connect((_, panel) => void guard(panel));
    tracker.forEach((panel) => void guard(panel));
    void app.restored.then(() => app.shell.currentChanged?.connect(settle));

    const commands = {
      "workbench:code": ["Show or hide code", "Alt C", () => guideInFront()?.toggleCode()],
      "workbench:jupyterlab": ["Show or hide JupyterLab", "Alt J", () => furniture.toggle()],
      "workbench:back": ["Step back", "Alt B", () => guideInFront()?.go(-1)],
      "workbench:next": ["Next step", "Alt N", () => guideInFront()?.go(1)],
    };
    for (const [command, [label, keys, execute]] of Object.entries(commands)) {
      app.commands.addCommand(command, { label, isEnabled: () => Boolean(guideInFront()), execute });
      app.commands.addKeyBinding({ command, keys: [keys], selector: "body" });
    }
  }

  return { id: "pricing-design-workbench:plugin", autoStart: true, requires: [INotebookTracker], activate };
}
