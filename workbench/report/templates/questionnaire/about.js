"use strict";
// The first step: who answers, as far as the invitation does not say it.
Kinds.about = (() => {
  const { make } = Dom;
  const { state, given, CODE } = Answers;
  const asksSegment = Page.segments.length > 0 && !Page.segments.includes(given.segment);
  const asksCode = !CODE.test(given.respondent ?? "");

  function draw(step, answer, tell) {
    const parts = [];
    if (asksSegment) {
      parts.push(Kinds.options("segment", Page.segmentQuestion, Page.segments.map((name) => [name, name]), state.segment,
        (value) => { state.segment = value; tell(); }));
    }
    if (asksCode) {
      const box = make("input", { type: "text", id: "respondent", maxlength: 40, "aria-describedby": "respondent-hint", spellcheck: "false" });
      box.value = state.respondent;
      box.addEventListener("input", () => { state.respondent = box.value.trim(); tell(); });
      parts.push(make("div", { class: "field" }, make("label", { for: "respondent" }, "Your code"), box,
        make("p", { class: "soft", id: "respondent-hint" }, "From your invitation. Leave it as it is when you have none.")));
    }
    return parts;
  }

  function check() {
    if (asksSegment && !state.segment) return { words: "Please choose what describes you best.", at: `segment-${Page.segments[0]}` };
    if (!CODE.test(state.respondent)) return { words: "Please write your code with letters, digits, dots or dashes only.", at: "respondent" };
    return null;
  }

  return { draw, check };
})();
