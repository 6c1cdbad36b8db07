// How each kind of exercise is answered: what it draws, and the answer it comes to. A draft is what stands on the page.
const Exercises = (() => {
  const { make, byId } = Dom;
  const { say } = Room;
  const filled = (draft) => Object.fromEntries(Object.entries(draft ?? {}).filter(([, value]) => value !== "" && value !== null && value !== undefined));
  const group = (option, ...parts) => make("fieldset", { id: `of-${option.id}`, tabindex: "-1" }, make("legend", {}, option.label), option.note ? make("p", { class: "note" }, option.note) : null, ...parts);

  /** Radio buttons in a row or a grid. */
  function choice(className, name, choices, chosen, picked) {
    return make("div", { class: className }, ...choices.map(([value, label]) => {
      const box = make("input", { type: "radio", name, value, checked: value === chosen });
      box.addEventListener("change", () => picked(value));
      return make("label", { class: "option" }, box, make("span", {}, label));
    }));
  }

  const steps = (exercise) => Array.from({ length: exercise.high - exercise.low + 1 }, (_, at) => [exercise.low + at, String(exercise.low + at)]);
  const ends = (low, high) => make("div", { class: "ends" }, make("span", {}, low), make("span", {}, high));

  /** A number as people type it: 1,200.50 and 1.200,50 and 12,5. */
  function read(text) {
    let plain = text.replace(/[^\d.,-]/g, "");
    const [comma, dot] = [plain.lastIndexOf(","), plain.lastIndexOf(".")];
    if (comma > dot && (dot >= 0 || !/^-?\d{1,3}(,\d{3})+$/.test(plain))) plain = plain.replace(/\./g, "").replace(",", ".");
    else plain = plain.replace(/,/g, "");
    return /^-?\d*\.?\d+$/.test(plain) ? Number(plain) : null;
  }

  const missing = (option) => ({ problem: say("one_missing", { what: option.label }), at: `of-${option.id}` });

  /** Every option answered, or the first that is not. */
  function all(exercise, draft, value = (each) => each) {
    const given = draft ?? {};
    const lacking = exercise.options.find((each) => given[each.id] === undefined || given[each.id] === "");
    return lacking ? missing(lacking) : { answer: Object.fromEntries(exercise.options.map((each) => [each.id, value(given[each.id])])) };
  }

  const score = {
    draw: (exercise, draft, change) => make("div", {}, ...exercise.options.map((option) => group(option, choice("scale", `of-${option.id}`, steps(exercise), draft?.[option.id], (value) => change({ ...draft, [option.id]: value })), ends(say("scale_low"), say("scale_high"))))),
    answer: (exercise, draft) => all(exercise, draft),
  };

  const cards = {
    draw: (exercise, draft, change) => make("div", {}, ...exercise.options.map((option) => group(option, choice("groups", `of-${option.id}`, exercise.groups.map((each) => [each.id, each.label]), draft?.[option.id], (value) => change({ ...draft, [option.id]: value }))))),
    answer: (exercise, draft) => all(exercise, draft),
  };

  const risks = {
    draw(exercise, draft, change) {
      const part = (option, at, label) => {
        const set = (value) => { const pair = [...(draft?.[option.id] ?? [null, null])]; pair[at] = value; change({ ...draft, [option.id]: pair }); };
        const name = `of-${option.id}-${at}`;
        return make("div", { role: "group", "aria-label": label }, make("p", { class: "soft" }, label), choice("scale", name, steps(exercise), draft?.[option.id]?.[at], set));
      };
      return make("div", {}, ...exercise.options.map((option) => group(option, part(option, 0, say("likelihood")), part(option, 1, say("effect")))));
    },
    answer(exercise, draft) {
      const lacking = exercise.options.find((each) => !draft?.[each.id]?.[0] || !draft[each.id][1]);
      return lacking ? missing(lacking) : all(exercise, draft);
    },
  };

  const ranges = {
    draw(exercise, draft, change) {
      const box = (option, at) => {
        const id = `of-${option.id}-${at}`;
        const input = make("input", { type: "text", id, inputmode: "decimal", autocomplete: "off", value: draft?.[option.id]?.[at] ?? "" });
        input.addEventListener("input", () => {
          const three = [...(draft?.[option.id] ?? ["", "", ""])];
          three[at] = input.value;
          draft = { ...draft, [option.id]: three };
          change(draft, true);
        });
        return make("div", {}, make("label", { for: id }, say(["low", "likely", "high"][at])), input);
      };
      return make("div", {}, ...exercise.options.map((option) => {
        const [low, high] = [option.low ?? exercise.low, option.high ?? exercise.high];
        const bounds = say("bounds", { low: Picture.number(low), high: Picture.number(high), unit: exercise.unit });
        return group(option, make("div", { class: "three" }, box(option, 0), box(option, 1), box(option, 2)), make("p", { class: "soft" }, bounds));
      }));
    },
    answer(exercise, draft) {
      const answer = {};
      for (const option of exercise.options) {
        const typed = draft?.[option.id] ?? ["", "", ""];
        const [low, high] = [option.low ?? exercise.low, option.high ?? exercise.high];
        const three = typed.map(read);
        const wrong = three.findIndex((each) => each === null);
        if (wrong >= 0) return { problem: say("no_number", { what: option.label }), at: `of-${option.id}-${wrong}` };
        if (three[0] > three[1] || three[1] > three[2]) return { problem: say("not_rising", { what: option.label }), at: `of-${option.id}-1` };
        if (three[0] < low || three[2] > high) return { problem: say("out_of_bounds", { what: option.label, low: Picture.number(low), high: Picture.number(high) }), at: `of-${option.id}-${three[0] < low ? 0 : 2}` };
        answer[option.id] = three;
      }
      return { answer };
    },
  };

  const rank = {
    draw(exercise, draft, change) {
      const labels = new Map(exercise.options.map((each) => [each.id, each]));
      const order = (draft ?? []).filter((each) => labels.has(each));
      order.push(...exercise.options.map((each) => each.id).filter((each) => !order.includes(each)));
      const move = (at, by) => {
        const next = [...order];
        [next[at], next[at + by]] = [next[at + by], next[at]];
        change(next);
        const button = byId(`move-${next[at + by]}-${by}`);
        (button?.disabled ? byId(`move-${next[at + by]}-${-by}`) : button)?.focus();
      };
      const button = (at, by) => {
        const label = labels.get(order[at]).label;
        const made = make("button", { type: "button", class: "step", id: `move-${order[at]}-${by}`, "aria-label": say(by < 0 ? "move_up" : "move_down", { what: label }), disabled: at + by < 0 || at + by >= order.length }, by < 0 ? "▲" : "▼");
        made.addEventListener("click", () => move(at, by));
        return made;
      };
      return make("div", {}, make("p", { class: "soft" }, say("rank_help")), make("ol", { class: "ranked" }, ...order.map((id, at) => make("li", {}, make("span", { class: "place" }, `${at + 1}`), make("span", { class: "what" }, labels.get(id).label), button(at, -1), button(at, 1)))));
    },
    answer: (exercise, draft) => ({ answer: draft?.length === exercise.options.length ? draft : exercise.options.map((each) => each.id) }),
  };

  const points = {
    draw(exercise, draft, change) {
      const given = filled(draft);
      const left = exercise.points - Object.values(given).reduce((sum, each) => sum + each, 0);
      const button = (option, by) => {
        const made = make("button", { type: "button", class: "step", id: `points-${option.id}-${by}`, "aria-label": say(by > 0 ? "one_more" : "one_less", { what: option.label }), disabled: by > 0 ? left <= 0 : !given[option.id] }, by > 0 ? "+" : "−");
        made.addEventListener("click", () => {
          change({ ...given, [option.id]: (given[option.id] ?? 0) + by });
          const same = byId(`points-${option.id}-${by}`);
          (same?.disabled ? byId(`points-${option.id}-${-by}`) : same)?.focus();
        });
        return made;
      };
      return make("div", {}, make("p", { role: "status" }, say("points_left", { n: left })), ...exercise.options.map((option) => make("div", { class: "row" }, make("span", {}, option.label), make("span", { class: "stepper" }, button(option, -1), make("output", { "aria-label": option.label }, given[option.id] ?? 0), button(option, 1)))));
    },
    answer(exercise, draft) {
      const given = Object.fromEntries(Object.entries(filled(draft)).filter(([, value]) => value > 0));
      return Object.keys(given).length ? { answer: given } : { problem: say("no_points"), at: `points-${exercise.options[0]?.id}-1` };
    },
  };

  const ideas = {
    draw(exercise, draft, change) {
      const texts = draft?.length ? [...draft] : [""];
      const boxes = texts.map((text, at) => {
        const box = make("textarea", { id: `idea-${at}`, maxlength: 300 });
        box.value = text;
        box.addEventListener("input", () => { texts[at] = box.value; change([...texts], true); });
        return make("div", { class: "field" }, make("label", { for: `idea-${at}` }, say("idea", { n: at + 1 })), box);
      });
      const more = make("button", { type: "button" }, say("another_idea"));
      more.addEventListener("click", () => { change([...texts, ""]); byId(`idea-${texts.length}`)?.focus(); });
      return make("div", {}, ...boxes, texts.length < exercise.most ? more : null);
    },
    answer(exercise, draft) {
      const texts = (draft ?? []).map((each) => each.trim()).filter(Boolean);
      return texts.length ? { answer: texts } : { problem: say("no_idea"), at: "idea-0" };
    },
  };

  const confidence = {
    draw(exercise, draft, change) {
      const objection = make("textarea", { id: "objection", maxlength: 300 });
      objection.value = draft?.objection ?? "";
      objection.addEventListener("input", () => { draft = { ...draft, objection: objection.value }; change(draft, true); });
      const fingers = choice("scale", "fingers", steps(exercise), draft?.fingers, (value) => change({ ...draft, fingers: value }));
      return make("div", {}, group({ id: "fingers", label: say("fingers") }, fingers, ends(say("fingers_low"), say("fingers_high"))), make("div", { class: "field" }, make("label", { for: "objection" }, say("objection")), objection));
    },
    answer: (exercise, draft) => draft?.fingers ? { answer: { fingers: draft.fingers, objection: (draft.objection ?? "").trim() } } : { problem: say("one_missing", { what: say("fingers") }), at: "of-fingers" },
  };

  const name = {
    draw: (exercise, draft, change) => make("div", {}, ...exercise.options.map((option) => {
      const box = make("input", { type: "text", id: `of-${option.id}`, maxlength: 300, autocomplete: "off", value: draft?.[option.id] ?? "" });
      box.addEventListener("input", () => { draft = { ...draft, [option.id]: box.value }; change(draft, true); });
      return make("div", { class: "field" }, make("label", { for: `of-${option.id}` }, option.label), option.note ? make("p", { class: "note" }, option.note) : null, box);
    })),
    answer(exercise, draft) {
      const given = Object.fromEntries(Object.entries(draft ?? {}).map(([key, text]) => [key, text.trim()]).filter(([, text]) => text));
      return Object.keys(given).length ? { answer: given } : { problem: say("no_name"), at: `of-${exercise.options[0]?.id}` };
    },
  };

  return { score, cards, risks, ranges, price_ranges: ranges, forecast: ranges, rank, points, ideas, confidence, name };
})();
