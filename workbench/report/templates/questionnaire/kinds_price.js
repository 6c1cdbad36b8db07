"use strict";
// The kinds of steps about prices. Each kind shows its question, says what is wrong with the answer, and gives its rows.
const Kinds = {};
(() => {
  const { make } = Dom;
  const { symbol, code } = Page.currency;
  const amount = (value) => Exact.money(Page.currency, Decimals.of(value));

  /** Read a typed price with a decimal point or comma, thousands set apart or not; null when it is none. */
  function price(text) {
    const plain = String(text ?? "").replace(/[\s$€£¥₹']/g, "");
    const isGrouped = (mark, point) => new RegExp(`^[1-9]\\d{0,2}(\\${mark}\\d{3})+(\\${point}\\d+)?$`).test(plain);
    const read = isGrouped(",", ".") ? plain.replaceAll(",", "")
      : isGrouped(".", ",") ? plain.replaceAll(".", "").replace(",", ".") // three digits after a point are thousands: no price has tenths of cents
      : plain.replace(",", ".");
    return /^\d+(\.\d+)?$/.test(read) ? Number(read) : null;
  }

  /** Say how a price typed with marks is read, since a point sets thousands apart for some and cents for others. */
  function heard(text) {
    const value = price(text);
    return value !== null && /[.,']/.test(text) ? `Read as ${amount(value)}.` : "";
  }

  /** Return a group of options of which one is chosen; `tell` hears the value. */
  function options(name, legend, choices, chosen, tell, style = "options", isSaid = true) {
    const group = make("fieldset", {}, make("legend", { class: isSaid ? null : "unseen" }, legend));
    const list = make("div", { class: style });
    for (const [value, words] of choices) {
      const box = make("input", { type: "radio", name, value, id: `${name}-${value}` });
      box.checked = String(chosen) === String(value);
      box.addEventListener("change", () => tell(value));
      list.append(make("label", { class: "option", for: box.id }, box, make("span", {}, words)));
    }
    group.append(list);
    return group;
  }

  const offer = (step) => make("p", { class: "offer" }, step.offer);
  const ORDER = {
    cheap: "A bargain costs more than a price at which you would doubt the quality",
    expensive: "Expensive begins above a bargain",
    too_expensive: "Too expensive begins above expensive",
  };

  function misplaced(step, answer) {
    const wrong = {};
    step.fields.forEach((field, place) => {
      const value = price(answer?.[field.name]);
      const before = step.fields[place - 1];
      const below = before ? price(answer?.[before.name]) : null;
      if (value === null) wrong[field.name] = "Please type a price as a number, such as 49.";
      else if (below !== null && value <= below) {
        wrong[field.name] = `${ORDER[field.name]}: you typed ${amount(value)} here and ${amount(below)} before. Please look at the two again.`;
      }
    });
    return wrong;
  }

  Kinds.prices = {
    draw(step, answer, tell) {
      const fields = step.fields.map((field) => {
        const problem = make("p", { class: "problem", id: `problem-${field.name}` });
        const read = make("p", { class: "soft", id: `read-${field.name}` }, heard(answer?.[field.name]));
        const box = make("input", { type: "text", inputmode: "decimal", id: field.name, maxlength: 15, "aria-describedby": `${read.id} ${problem.id}` });
        box.value = answer?.[field.name] ?? "";
        box.addEventListener("input", () => { tell({ [field.name]: box.value }, true); read.textContent = heard(box.value); });
        return make("div", { class: "field" }, make("label", { for: field.name }, field.question),
          make("div", { class: "money" }, symbol || null, box, symbol ? null : code), read, problem);
      });
      return [offer(step), ...fields];
    },
    check(step, answer) {
      const wrong = misplaced(step, answer);
      for (const field of step.fields) {
        Dom.byId(`problem-${field.name}`).textContent = wrong[field.name] ?? "";
        Dom.byId(field.name).setAttribute("aria-invalid", String(field.name in wrong));
      }
      const first = step.fields.find((field) => field.name in wrong);
      return first ? { words: "Please look at the marked prices again.", at: first.name } : null;
    },
    rows: (step, answer) => [Object.fromEntries(step.fields.map((field) => [field.name, price(answer[field.name])]))],
  };

  Kinds.intent = {
    draw(step, answer, tell, all) {
      return [offer(step), ...["cheap", "expensive"].map((which) => options(which,
        `At ${amount(price(all.prices[which]))} ${step.period}, would you buy it?`,
        step.words.map((words, place) => [place + 1, words]), answer?.[which], (value) => tell({ [which]: value }, true), "scale worded"))];
    },
    check(step, answer) {
      const open = ["cheap", "expensive"].find((which) => !answer?.[which]);
      return open ? { words: "Please answer for both prices.", at: `${open}-1` } : null;
    },
    rows: (step, answer) => [{ intent_cheap: answer.cheap, intent_expensive: answer.expensive }],
  };

  Kinds.would_buy = {
    draw: (step, answer, tell) => [offer(step), options(step.id, step.title, [[1, "Yes, I would buy it"], [0, "No, I would not"]], answer, tell, "options", false)],
    check: (step, answer) => answer === undefined ? { words: "Please choose Yes or No.", at: `${step.id}-1` } : null,
    rows: (step, answer) => [{ price: step.price, accepted: answer ?? "" }],
    goesOn: (answer) => answer === 1,
  };

  Kinds.options = options;
})();
