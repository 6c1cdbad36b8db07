// The facilitator's page: one button leads on, everything else stands beside it; it shows who has answered, not what.
(() => {
  const { byId, make, draw, show } = Dom;
  const { say, ask, follow, tick, secretInAddress } = Room;
  const main = byId("main");
  const secret = secretInAddress().get("s") ?? sessionStorage.getItem("facilitator") ?? "";
  if (secret) sessionStorage.setItem("facilitator", secret);
  let [room, drawn, said, isPressed, later] = [null, "", "", false, null];

  async function act(path, body) {
    said = "";
    try {
      const told = await ask(path, secret, body);
      note("");
      return told;
    } catch (error) {
      note(error.status ? error.message : say("no_line"));
      return null;
    }
  }
  function note(text) {
    said = text;
    if (byId("said")) byId("said").textContent = [room?.trouble, said].filter(Boolean).join(" ");
  }

  const go = (move, seconds = 0) => act("/api/move", { move, revision: room.revision, seconds });
  const settle = (action, values = {}) => act(`/api/settle/${action}`, values);

  function button(label, pressed, isMain, name) {
    const made = make("button", { type: "button", class: isMain ? "main" : "", id: name ?? "" }, label);
    made.addEventListener("click", pressed);
    return made;
  }

  const minutes = () => room.opens_for;

  function moves() {
    const { exercise, phase, step, steps, round } = room;
    const isLast = step + 1 >= steps;
    const hasSecond = exercise && exercise.rounds > round;
    const made = [];
    if (!exercise) made.push(button(say("begin"), () => go("next"), true, "next"));
    else if (phase === "waiting") made.push(button(say("open", { minutes: minutes() }), () => go("open", minutes() * 60), true, "open"));
    else if (phase === "open") made.push(button(say("close"), () => go("close"), true, "close"));
    else if (phase === "closed") made.push(button(say("reveal"), () => go("reveal"), true, "reveal"), button(say("open_again"), () => go("open", 60), false, "reopen"));
    else if (hasSecond) made.push(button(say("second_round"), () => go("next"), true, "next"));
    else if (!isLast) made.push(button(say("next", { what: room.following }), () => go("next"), true, "next"));
    if (exercise && phase !== "open") made.push(button(say("back"), () => go("back"), false, "back"));
    if (exercise && phase !== "open" && !isLast && !(phase === "revealed" && !hasSecond)) made.push(button(say("skip_to", { what: hasSecond && phase === "revealed" ? say("second_round") : room.following }), () => go("next"), false, "skip"));
    const end = button(say("end"), () => { if (confirm(say("end_sure"))) go("end"); }, Boolean(exercise && isLast && phase === "revealed" && !hasSecond), "end");
    return make("div", { class: "moves" }, ...made.filter((each, at) => at === 0 || each.id !== "skip" || made[0].id !== "next"), end);
  }

  function timers() {
    if (!room.exercise) return null;
    const timer = tick(make("span", { class: "timer" }), () => room.until);
    const some = (n) => button(say("minutes", { n }), () => settle("timer", { seconds: n * 60 }));
    return make("section", {}, make("h3", {}, say("timer")), make("p", {}, timer), make("div", { class: "moves" }, some(1), some(5), some(10), button(say("no_timer"), () => settle("timer", {}))));
  }

  function now() {
    const { exercise } = room;
    if (room.ended) return [make("h2", {}, say("ended")), make("p", {}, say("ended_facilitator"))];
    if (!exercise) return [make("h2", {}, say("welcome")), make("p", {}, say("first_is", { what: room.following }))];
    const where = [say("step", { n: room.step + 1, of: room.steps }), exercise.rounds > 1 ? say("round", { n: room.round }) : "", say(`phase_${room.phase}`), room.time].filter(Boolean).join(" · ");
    const parts = [make("p", { class: "where" }, where), make("h2", { tabindex: "-1" }, exercise.title), exercise.question ? make("p", { class: "lead" }, exercise.question) : null];
    if (exercise.named) parts.push(make("p", { class: "named" }, say("named_here")));
    if (room.purpose) parts.push(make("p", { class: "soft" }, room.purpose));
    if (room.notes) parts.push(make("div", { class: "kept notes" }, room.notes));
    return parts;
  }

  function written() {
    if (!room.written?.length) return null;
    return make("section", {}, make("h3", {}, say("written")), make("ul", { class: "texts written" }, ...room.written.map((each) => make("li", {}, make("div", { class: "row" }, make("span", { class: each.hidden ? "hidden-text" : "" }, each.text), button(say(each.hidden ? "show" : "hide"), () => settle(each.hidden ? "show" : "hide", { answer: each.id })))))));
  }

  function people() {
    const open = room.exercise && room.phase !== "revealed";
    const line = (each) => {
      const standing = [each.role, !each.here ? say("away") : "", open && each.asked && each.answered ? say("has_answered") : open && each.asked && room.phase === "open" ? say("not_yet") : ""].filter(Boolean).join(" · ");
      const out = button(say("take_out"), () => { if (confirm(say("take_out_sure", { who: each.alias }))) settle("expel", { person: each.key }); });
      out.setAttribute("aria-label", say("take_out_who", { who: each.alias }));
      return make("li", { class: "row" }, make("span", {}, each.alias, make("span", { class: "soft" }, standing)), out);
    };
    const count = room.exercise ? say("answered_of", { n: room.answered, of: room.asked }) : String(room.people);
    return make("section", {}, make("h3", {}, say(room.exercise ? "who" : "in_the_room")), make("p", { id: "count" }, count), make("ul", { class: "everybody" }, ...room.everybody.map(line)));
  }

  function door() {
    const parts = [make("h3", {}, say("door"))];
    if (room.joining) {
      if (room.qr) parts.push(make("div", { class: "qr" }, draw("svg", { viewBox: `0 0 ${room.qr.size} ${room.qr.size}`, role: "img", "aria-label": say("qr"), "shape-rendering": "crispEdges" }, draw("path", { d: room.qr.path }))));
      parts.push(make("p", {}, room.address.replace("http://", "")), room.code ? make("p", { class: "code" }, `${room.code.slice(0, 3)} ${room.code.slice(3)}`) : make("p", { class: "problem" }, say("code_closed")));
      parts.push(make("div", { class: "moves" }, button(say("new_code"), () => settle("renew_code")), button(say("nobody_more"), () => settle("let_nobody_in"))));
    } else parts.push(make("p", {}, say("door_closed")), make("div", { class: "moves" }, button(say("let_in"), () => settle("let_in"))));
    return make("section", {}, ...parts);
  }

  function paper() {
    if (!room.joining) return null;
    const alias = make("input", { type: "text", id: "paper-alias", maxlength: 40, autocomplete: "off" });
    const role = make("select", { id: "paper-role" }, ...room.roles.map((each) => make("option", { value: each }, each)));
    const type = button(say("type_in"), async () => {
      const tab = open("", "_blank");
      const told = await settle("paper", { alias: alias.value, role: role.value });
      if (told?.secret && tab) tab.location = `/#p=${told.secret}`; else tab?.close();
    });
    const file = make("input", { type: "file", id: "filled", accept: "application/json,.json", multiple: true });
    file.addEventListener("change", async () => {
      let added = 0;
      for (const each of file.files) {
        let page = null;
        try { page = JSON.parse(await each.text()); } catch { note(say("no_page", { what: each.name })); return; }
        const told = await settle("add", { page });
        if (!told) return;
        added += told.added;
      }
      note(say("added", { n: added }));
      file.value = "";
    });
    return make("details", { id: "paper" }, make("summary", {}, say("paper")), make("div", { class: "field" }, make("label", { for: "paper-alias" }, say("paper_alias")), alias), room.roles.length ? make("div", { class: "field" }, make("label", { for: "paper-role" }, say("role")), role) : null, type, make("div", { class: "field" }, make("label", { for: "filled" }, say("add_file")), file));
  }

  // A button made anew between press and release loses its click: what is heard meanwhile is drawn after it.
  function released({ buttons }) {
    if (!isPressed || buttons) return;
    isPressed = false;
    setTimeout(() => { if (later && !isPressed) heard(later); });
  }
  addEventListener("pointerdown", () => { isPressed = true; });
  for (const name of ["pointerup", "pointercancel", "pointermove", "blur"]) addEventListener(name, released);

  function heard(told) {
    later = isPressed ? told : null;
    if (isPressed) return;
    room = told.room;
    byId("title").textContent = room.title;
    byId("whose").textContent = say("facilitator");
    const view = JSON.stringify(room);
    if (view === drawn) return;
    drawn = view;
    const focused = document.activeElement?.id;
    const typing = byId("paper")?.open ? [byId("paper-alias")?.value ?? "", byId("paper-role")?.value] : null;
    const problem = make("p", { class: "problem", role: "alert", id: "said" }, [room.trouble, said].filter(Boolean).join(" "));
    const shown = room.exercise && room.phase === "revealed" ? [Picture.of(room.exercise, { ...room.picture, texts: [], by: null }), Picture.dataSay(room)] : [];
    const left = make("div", {}, ...now(), room.ended ? null : moves(), problem, room.ended ? null : timers(), ...shown, written());
    show(main, room.ended ? left : make("div", { class: "two" }, left, make("div", {}, people(), door(), paper())));
    if (typing && byId("paper")) { byId("paper").open = true; byId("paper-alias").value = typing[0]; if (byId("paper-role")) byId("paper-role").value = typing[1]; }
    if (focused && focused !== "main") (byId(focused) ?? main.querySelector(".moves button"))?.focus({ preventScroll: true });
    document.documentElement.dataset.ready = "yes";
  }

  const lost = () => { show(main, make("p", { class: "caution" }, say("no_secret"))); document.documentElement.dataset.ready = "yes"; };
  follow(secret, heard, lost);
})();
