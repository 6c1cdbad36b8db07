"use strict";
// Puts it together: one step at a time, forward when the answer is complete, back at any time, saved at the end.
(() => {
  const { byId, make, show } = Dom;
  const { state } = Answers;
  const ABOUT = { kind: "about", id: "about", title: "" };
  const step = () => state.at < 0 ? ABOUT : Answers.asked()[state.at];
  const isEnd = () => state.at >= Answers.asked().length;

  function tell(change, isPart = false) {
    if (state.at >= 0) {
      const { id } = step();
      state.answers[id] = isPart ? { ...state.answers[id], ...change } : change;
    }
    byId("problem").textContent = "";
    Answers.keep();
    progress();
  }

  function progress() {
    const [all, at] = [Answers.steps().length, Math.max(0, state.at)];
    const share = isEnd() ? 1 : state.at < 0 ? 0 : (at + 0.5) / (all + 0.5);
    byId("bar").style.setProperty("width", `${Math.round(100 * share)}%`);
    const isOpen = Answers.steps().some((each) => each.after); // how many questions come depends on the answers
    byId("progress").textContent = state.at < 0 ? "" : isEnd() ? "All questions answered" : isOpen ? `Question ${at + 1} of ${all} at most` : all > 1 ? `Question ${at + 1} of ${all}` : "One question";
  }

  function draw(hasMoved) {
    progress();
    const [end, now] = [isEnd(), step()];
    byId("problem").textContent = "";
    byId("welcome").hidden = state.at >= 0;
    byId("progress-area").hidden = state.at < 0;
    byId("closing").hidden = !end;
    byId("back").hidden = state.at < 0;
    byId("question").textContent = end ? "Thank you" : now.title;
    byId("next").textContent = end ? "Save my answers" : state.at < 0 ? "Start" : "Next";
    if (end) show(byId("step"), make("p", {}, `Your answers are complete. Save them as the file ${Answers.fileName()}.`), make("p", { id: "saved", role: "status" }));
    else show(byId("step"), Kinds[now.kind].draw(now, state.answers[now.id], tell, state.answers));
    if (!hasMoved) return;
    scrollTo(0, 0);
    byId("question").focus({ preventScroll: true });
  }

  function save() {
    const url = URL.createObjectURL(new Blob([Answers.csv()], { type: "text/csv;charset=utf-8" }));
    const link = make("a", { href: url, download: Answers.fileName() });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    byId("saved").textContent = `Saved as ${Answers.fileName()} in your downloads. You can save it again at any time.`;
  }

  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (isEnd()) { save(); return; }
    const now = step();
    const wrong = Kinds[now.kind].check(now, state.answers[now.id]);
    if (wrong) {
      byId("problem").textContent = wrong.words;
      byId(wrong.at)?.focus();
      return;
    }
    state.at += 1;
    Answers.keep();
    draw(true);
  });
  byId("back").addEventListener("click", () => { state.at = Math.min(state.at, Answers.asked().length) - 1; Answers.keep(); draw(true); });
  byId("restart").addEventListener("click", () => {
    if (!confirm("Delete all answers on this page?")) return;
    Answers.forget();
    draw(true);
  });
  state.at = Math.min(state.at, Answers.asked().length);
  draw(false);
  document.documentElement.dataset.ready = "yes";
})();
