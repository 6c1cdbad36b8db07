// A participant's page: join once, answer one question at a time; what is not sent yet stays on the phone.
(() => {
  const { byId, make, show } = Dom;
  const { say, ask, follow, tick, secretInAddress } = Room;
  const main = byId("main");
  const given = secretInAddress();
  const isPaper = given.has("p"); // somebody else's sheet, typed in: a person of its own, for this tab alone
  const store = isPaper || sessionStorage.getItem("paper") ? sessionStorage : localStorage;
  if (isPaper) sessionStorage.setItem("paper", "yes");
  const kept = read();
  let [room, me, drawn, sending, timer] = [null, null, "", false, 0];

  function read() {
    try { return JSON.parse(store.getItem("room")) ?? { drafts: {} }; } catch { return { drafts: {} }; }
  }
  const keep = () => { try { store.setItem("room", JSON.stringify(kept)); } catch { /* a private window: the page itself still has it */ } };

  if (isPaper) Object.assign(kept, { secret: given.get("p"), drafts: {} });

  // --- Joining

  async function join(again) {
    byId("whose").textContent = "";
    document.title = Page.title;
    const about = await ask("/api/join").catch(() => null);
    if (!about) { byId("line").textContent = say("no_line"); setTimeout(() => join(again), 2000); return; }
    byId("line").textContent = "";
    byId("title").textContent = about.title;
    const link = given.get("j") ?? "";
    const code = make("input", { type: "text", id: "code", maxlength: 12, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" });
    const alias = make("input", { type: "text", id: "alias", maxlength: 40, autocomplete: "off" });
    const roles = about.roles.map((role) => make("label", { class: "option" }, make("input", { type: "radio", name: "role", value: role }), make("span", {}, role)));
    const problem = make("p", { class: "problem", role: "alert", id: "problem" });
    const form = make("form", { novalidate: true, autocomplete: "off" },
      make("h2", {}, say(again ? "join_again" : "join_title")),
      link ? null : make("div", { class: "field" }, make("label", { for: "code" }, say("code")), code),
      make("div", { class: "field" }, make("label", { for: "alias" }, say("alias")), make("p", { class: "note", id: "alias-note" }, say("alias_note")), alias),
      roles.length ? make("fieldset", { id: "role", tabindex: "-1" }, make("legend", {}, say("role")), make("div", { class: "options" }, ...roles)) : null,
      make("div", { class: "kept" }, make("strong", {}, say("kept_title")), make("ul", {}, ...["kept_answers", "kept_role", "kept_named", "kept_phone"].filter((each) => each !== "kept_role" || roles.length).filter((each) => each !== "kept_named" || about.named).map((each) => make("li", {}, say(each))))),
      problem, make("button", { class: "main" }, say("join")));
    alias.setAttribute("aria-describedby", "alias-note");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const role = form.querySelector("input[name=role]:checked")?.value ?? "";
      const wrong = !link && !code.value.trim() ? ["no_code", "code"] : !alias.value.trim() ? ["no_alias", "alias"] : roles.length && !role ? ["no_role", "role"] : null;
      problem.textContent = wrong ? say(wrong[0]) : "";
      if (wrong) { byId(wrong[1]).focus(); return; }
      try {
        const { secret } = await ask("/api/join", "", { code: link || code.value, alias: alias.value, role });
        Object.assign(kept, { secret, drafts: {} });
        keep();
        begin();
      } catch (error) {
        problem.textContent = error.status ? error.message : say("no_line");
      }
    });
    show(main, form);
    ready();
  }

  // --- Following the room

  function begin() {
    drawn = "";
    keep();
    follow(kept.secret, heard, () => { delete kept.secret; kept.drafts = {}; keep(); join(true); });
  }

  function heard(told) {
    room = told.room;
    me = told.me ?? me;
    const own = place();
    if (told.me && room.step >= 0) {
      // What this phone believes is saved and the ballot does not have, is sent again.
      if (own.saved && told.me.version < own.saved) Object.assign(own, { saved: 0, pending: own.answer !== undefined });
      own.version = Math.max(own.version ?? 0, told.me.version);
      if (told.me.version && !own.saved) own.saved = told.me.version;
      keep();
    }
    draw();
    if (own.pending) send();
  }

  const key = () => `${room.exercise?.key}/${room.round}`;
  function place() {
    if (!room?.exercise) return {};
    return kept.drafts[key()] ??= { version: 0, saved: 0 };
  }

  const takesPart = () => !room.exercise.roles?.length || room.exercise.roles.includes(me?.role);

  function draw() {
    byId("title").textContent = room.title;
    byId("whose").textContent = me ? [me.alias, me.role].filter(Boolean).join(" · ") : "";
    const view = JSON.stringify([room.step, room.round, room.phase, room.ended, room.exercise?.options, room.picture, room.first]);
    if (view === drawn) { status(); return; }
    const isNew = drawn !== "";
    drawn = view;
    const parts = room.ended ? ended() : room.step < 0 ? lobby() : question();
    show(main, ...parts);
    status();
    if (isNew) { scrollTo(0, 0); main.querySelector("h2")?.focus({ preventScroll: true }); }
    ready();
  }

  const heading = (text) => make("h2", { tabindex: "-1" }, text);
  const lobby = () => [heading(say("you_are_in")), make("p", { class: "lead" }, say("first_comes"))];
  const ended = () => [heading(say("ended")), make("p", { class: "lead" }, say("thanks"))];

  function where() {
    const parts = [say("step", { n: room.step + 1, of: room.steps })];
    if (room.exercise.rounds > 1) parts.push(say("round", { n: room.round }));
    return make("p", { class: "where" }, make("span", {}, parts.join(" · ")), tick(make("span", { class: "timer" }), () => room.until));
  }

  function question() {
    const { exercise } = room;
    const top = [where(), heading(exercise.title), exercise.question ? make("p", { class: "lead" }, exercise.question) : null];
    if (exercise.named && room.phase !== "revealed") top.push(make("p", { class: "kept named" }, say("named_here")));
    if (room.phase === "revealed") return [...top, Picture.of(exercise, room.picture), Picture.dataSay(room), room.round < exercise.rounds ? make("p", { class: "soft" }, say("second_follows")) : null];
    const first = room.first ? make("details", { open: true }, make("summary", {}, say("first_round")), Picture.of(exercise, room.first)) : null;
    const before = [exercise.shown_first ? make("p", { class: "notes" }, exercise.shown_first) : null, Picture.frame(exercise), first];
    if (room.phase === "waiting") return [...top, ...before, make("p", { class: "lead" }, say("opens_soon"))];
    if (room.phase === "closed") return [...top, make("p", { class: "lead" }, say("closed"))];
    if (!takesPart()) return [...top, ...before, make("p", { class: "lead" }, say("other_roles", { roles: exercise.roles.join(", ") }))];
    return [...top, ...before, form()];
  }

  // --- Answering

  function form() {
    const [{ exercise }, own] = [room, place()];
    if (own.draft === undefined && room.round > 1) own.draft = kept.drafts[`${exercise.key}/1`]?.draft; // begin with what one said before
    const area = make("div", {});
    const change = (draft, isTyping) => {
      Object.assign(own, { draft, touched: true });
      keep();
      byId("problem").textContent = "";
      if (!isTyping) fill();
      status();
    };
    const fill = () => {
      const at = document.activeElement?.matches("input[type=radio]") && area.contains(document.activeElement) ? [document.activeElement.name, document.activeElement.value] : null;
      show(area, Exercises[exercise.kind].draw(exercise, own.draft, change));
      if (at) [...area.querySelectorAll("input[type=radio]")].find((each) => each.name === at[0] && each.value === at[1])?.focus();
    };
    fill();
    const made = make("form", { novalidate: true, autocomplete: "off" }, area, make("p", { class: "problem", role: "alert", id: "problem" }), make("div", { class: "send" }, make("p", { id: "standing", role: "status" }), make("button", { class: "main", id: "send" }, say("send"))));
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      const found = Exercises[exercise.kind].answer(exercise, own.draft);
      byId("problem").textContent = found.problem ?? "";
      if (found.problem) { byId(found.at)?.focus(); return; }
      Object.assign(own, { answer: found.answer, version: (own.version ?? 0) + 1, pending: true, touched: false });
      keep();
      send();
    });
    return made;
  }

  async function send() {
    const [own, exercise, round] = [place(), room.exercise.key, room.round];
    if (sending || !own.pending || room.phase !== "open") { status(); return; }
    clearTimeout(timer);
    sending = true;
    status();
    const version = own.version;
    try {
      await ask("/api/answer", kept.secret, { exercise, round, answer: own.answer, version });
      own.saved = version;
      own.pending = own.version > version;
      own.problem = "";
    } catch (error) {
      if (error.status && error.status < 500 && error.status !== 429) Object.assign(own, { pending: false, problem: error.message });
      else own.problem = error.status === 507 ? error.message : say("kept_here");
      if (own.pending) timer = setTimeout(send, 2000);
    }
    sending = false;
    keep();
    status();
    if (own.pending && !own.problem) send();
  }

  function status() {
    const [standing, button] = [byId("standing"), byId("send")];
    if (!standing || !room?.exercise) return;
    const own = place();
    const isSaved = own.saved && !own.pending && !own.touched;
    const words = own.problem && (own.pending || !own.saved || own.touched) ? own.problem : own.pending ? say("sending") : own.touched ? say(own.saved ? "changed" : "not_sent") : isSaved ? say("saved") : say("not_sent");
    if (standing.textContent !== words) standing.textContent = words;
    standing.className = isSaved ? "saved" : "";
    button.textContent = say(own.saved ? "send_change" : "send");
  }

  addEventListener("online", () => { if (room && place().pending) send(); });
  const ready = () => { document.documentElement.dataset.ready = "yes"; };
  if (kept.secret) begin(); else join(false);
})();
