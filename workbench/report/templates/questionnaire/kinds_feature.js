"use strict";
// The kinds of steps about features and offers.
(() => {
  const { make } = Dom;

  Kinds.choice = {
    draw(step, answer, tell) {
      const group = make("fieldset", { "aria-labelledby": "question" });
      const cards = make("div", { class: "offers" });
      step.offers.forEach((offer, place) => {
        const box = radio(step.id, place + 1, answer, tell);
        const facts = step.labels.flatMap((label, at) => [make("dt", {}, label), make("dd", {}, offer.words[at])]);
        cards.append(make("label", { class: "option", for: box.id }, make("span", { class: "pick" }, box, `Offer ${place + 1}`), make("dl", {}, facts)));
      });
      group.append(cards);
      if (step.none) {
        const box = radio(step.id, step.offers.length + 1, answer, tell);
        group.append(make("div", { class: "options" }, make("label", { class: "option", for: box.id }, box, make("span", {}, "None of these"))));
      }
      return [group];
    },
    check: (step, answer) => answer ? null : { words: "Please choose one.", at: `${step.id}-1` },
    rows(step, answer) {
      const made = step.offers.map((offer, place) => row(step, place + 1, answer, offer.levels, 0));
      return step.none ? [...made, row(step, step.offers.length + 1, answer, step.empty, 1)] : made;
    },
  };

  function radio(name, value, chosen, tell) {
    const box = make("input", { type: "radio", name, value, id: `${name}-${value}` });
    box.checked = chosen === value;
    box.addEventListener("change", () => tell(value));
    return box;
  }

  const row = (step, alternative, answer, levels, none) => ({
    task: step.task, alternative, chosen: Number(answer === alternative), none,
    ...Object.fromEntries(step.names.map((name, at) => [name, levels[at]])),
  });

  Kinds.best_worst = {
    draw(step, answer, tell) {
      const boxes = { best: [], worst: [] };
      const pick = (which, place, feature) => {
        const box = make("input", { type: "radio", name: `${step.id}-${which}`, id: `${step.id}-${which}-${place}`, "aria-label": `${feature.name}: ${which === "best" ? "matters most" : "matters least"}` });
        box.checked = answer?.[which] === place;
        box.addEventListener("change", () => {
          const other = which === "best" ? "worst" : "best";
          const twice = boxes[other][place].checked; // nothing is both: the later choice holds
          if (twice) boxes[other][place].checked = false;
          tell(twice ? { [which]: place, [other]: undefined } : { [which]: place }, true);
        });
        boxes[which].push(box);
        return make("td", { class: "pick" }, make("label", { for: box.id }, box));
      };
      const body = make("tbody", {}, step.features.map((feature, place) => make("tr", {}, pick("best", place, feature),
        make("th", { scope: "row" }, feature.name, feature.description ? make("span", { class: "soft" }, feature.description) : null), pick("worst", place, feature))));
      const head = make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Most"), make("td"), make("th", { scope: "col" }, "Least")));
      return [make("table", { "aria-labelledby": "question" }, make("caption", {}, "Choose one on the left and one on the right."), head, body)];
    },
    check(step, answer) {
      const open = ["best", "worst"].find((which) => answer?.[which] === undefined);
      return open ? { words: `Please choose which matters ${open === "best" ? "most" : "least"}.`, at: `${step.id}-${open}-0` } : null;
    },
    rows: (step, answer) => step.features.map((feature, place) => ({
      task: step.task, feature: feature.name, choice: place === answer.best ? "best" : place === answer.worst ? "worst" : "none",
    })),
  };

  Kinds.fit = {
    draw(step, answer, tell) {
      const words = step.words.map((text, place) => [place + 1, text]);
      const scale = (name, legend, choices, style) => {
        const group = Kinds.options(`${step.id}-${name}`, legend, choices, answer?.[name], (value) => tell({ [name]: value }, true), style);
        group.querySelector("div").classList.add(`steps-${choices.length}`);
        return group;
      };
      const parts = [
        step.description ? make("p", { class: "offer" }, step.description) : null,
        scale("functional", "If you have it, how do you feel?", words, "scale worded"),
        scale("dysfunctional", "If you do not have it, how do you feel?", words, "scale worded"),
      ];
      if (step.importance) {
        const group = scale("importance", "How important is it to you?", Array.from({ length: 9 }, (_, at) => [at + 1, String(at + 1)]), "scale");
        group.append(make("p", { class: "ends", "aria-hidden": "true" }, make("span", {}, "1: not at all"), make("span", {}, "9: extremely")));
        parts.push(group);
      }
      return parts;
    },
    check(step, answer) {
      const asked = ["functional", "dysfunctional", ...(step.importance ? ["importance"] : [])];
      const open = asked.find((name) => !answer?.[name]);
      const which = { functional: "how you feel when you have it", dysfunctional: "how you feel when you do not have it", importance: "how important it is" };
      return open ? { words: `Please say ${which[open]}.`, at: `${step.id}-${open}-1` } : null;
    },
    rows: (step, answer) => [{ feature: step.feature, functional: answer.functional, dysfunctional: answer.dysfunctional, importance: answer.importance ?? "" }],
  };
})();
