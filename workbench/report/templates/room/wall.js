// The page on the wall: how to join, the question, the timer, how many have answered, then the picture.
(() => {
  const { byId, make, draw, show } = Dom;
  const { say, follow, tick, secretInAddress } = Room;
  const main = byId("main");
  const secret = secretInAddress().get("s") ?? sessionStorage.getItem("wall") ?? "";
  if (secret) sessionStorage.setItem("wall", secret);
  let room = null;

  const big = (number, words) => make("p", {}, make("strong", {}, number), " ", make("span", {}, words));

  function joining(isSmall) {
    if (!room.joining) return null;
    const qr = room.qr ? make("div", { class: "qr" }, draw("svg", { viewBox: `0 0 ${room.qr.size} ${room.qr.size}`, role: "img", "aria-label": say("qr"), "shape-rendering": "crispEdges" }, draw("path", { d: room.qr.path }))) : null;
    const code = room.code ? [make("p", { class: "soft" }, say("type_code")), make("p", { class: "code" }, `${room.code.slice(0, 3)} ${room.code.slice(3)}`)] : [make("p", {}, say("code_closed"))];
    return make("section", { class: isSmall ? "joining small" : "joining" }, qr, make("div", {}, make("p", { class: "soft" }, say("go_to")), make("p", { class: "address" }, room.address.replace("http://", "")), ...code));
  }

  function parts() {
    const { exercise } = room;
    if (room.ended) return [make("h2", {}, say("ended")), make("p", { class: "lead" }, say("thanks"))];
    if (!exercise) return [make("h2", {}, say("welcome")), make("p", { class: "lead" }, say("kept_wall")), joining(false), make("div", { class: "numbers" }, big(room.people, say("people_here")))];
    const where = [say("step", { n: room.step + 1, of: room.steps }), exercise.rounds > 1 ? say("round", { n: room.round }) : ""].filter(Boolean).join(" · ");
    const top = [make("p", { class: "where" }, where), make("h2", {}, exercise.title), exercise.question ? make("p", { class: "lead" }, exercise.question) : null, exercise.named ? make("p", { class: "named" }, say("named_here")) : null];
    const timer = () => room.until ? tick(make("strong", { class: "timer" }), () => room.until) : null;
    if (room.phase === "revealed") return [...top, Picture.of(exercise, room.picture), Picture.dataSay(room), make("div", { class: "numbers" }, timer())];
    const phase = { waiting: say("opens_soon"), open: say("answering"), closed: say("closed") }[room.phase];
    return [...top, exercise.shown_first ? make("p", { class: "notes" }, exercise.shown_first) : null, Picture.frame(exercise), make("p", { class: "lead" }, phase), make("div", { class: "numbers" }, big(`${room.answered} / ${room.asked}`, say("have_answered")), timer()), joining(true)];
  }

  let drawn = "";
  function heard(told) {
    room = told.room;
    byId("title").textContent = room.title;
    const view = JSON.stringify(room);
    if (view === drawn) return;
    drawn = view;
    show(main, ...parts());
    document.documentElement.dataset.ready = "yes";
  }

  const lost = () => { show(main, make("p", { class: "caution" }, say("no_secret"))); document.documentElement.dataset.ready = "yes"; };
  follow(secret, heard, lost);
})();
