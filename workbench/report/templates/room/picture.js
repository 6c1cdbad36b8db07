// What a room said, drawn: distributions, ranges and words, each with its figures as text.
const Picture = (() => {
  const { make, draw } = Dom;
  const { say } = Room;
  const RANGES = new Set(["price_ranges", "ranges", "forecast"]);
  const figure = new Intl.NumberFormat(Page.language, { maximumSignificantDigits: 4 });
  const decimals = new Intl.NumberFormat(Page.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const number = (value) => value === null || value === undefined ? "" : figure.format(value);
  const unit = (exercise, text) => exercise.unit ? `${text} ${exercise.unit}` : text;

  /** Columns: how often each value of a scale was given. */
  function columns(exercise, told) {
    const [low, high] = [exercise.low, exercise.high];
    const values = Array.from({ length: high - low + 1 }, (_, at) => low + at);
    const counts = new Map(told.counts.map(([value, many]) => [Number(value), many]));
    const most = Math.max(1, ...counts.values());
    const width = 100 / values.length;
    const bars = values.map((value, at) => {
      const height = 30 * (counts.get(value) ?? 0) / most;
      return draw("rect", { class: "bar", x: at * width + width * 0.15, y: 30 - height, width: width * 0.7, height });
    });
    const base = draw("rect", { class: "track", x: 0, y: 30, width: 100, height: 1 });
    const words = values.map((value) => `${value}: ${counts.get(value) ?? 0}`).join(", ");
    return [svg([base, ...bars], words, 31), make("div", { class: "ticks", "aria-hidden": "true" }, ...values.map((value) => make("span", {}, `${value} (${counts.get(value) ?? 0})`)))];
  }

  /** A bar from the lower to the upper quartile with its middle, on the scale of the question. */
  function range(told, low, high, log, words) {
    const at = (value) => 100 * Math.min(1, Math.max(0, log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)));
    const [from, to, mid] = [at(told.low), at(told.high), at(told.value)];
    const parts = [draw("rect", { class: "track", x: 0, y: 14, width: 100, height: 2 })];
    parts.push(draw("rect", { class: "bar", x: from, y: 9, width: Math.max(0.8, to - from), height: 12 }));
    parts.push(draw("rect", { class: "mid", x: mid - 0.4, y: 5, width: 0.8, height: 20 }));
    return [svg(parts, words, 30), make("div", { class: "ticks ends", "aria-hidden": "true" }, make("span", {}, number(low)), make("span", {}, number(high)))];
  }

  function share(value, most, words) {
    const parts = [draw("rect", { class: "track", x: 0, y: 8, width: 100, height: 14 })];
    parts.push(draw("rect", { class: "bar", x: 0, y: 8, width: 100 * value / Math.max(1, most), height: 14 }));
    return [svg(parts, words, 30)];
  }

  const svg = (parts, words, height) => draw("svg", { role: "img", "aria-label": words, viewBox: `0 0 100 ${height}`, preserveAspectRatio: "none" }, ...parts);

  function between(exercise, told) {
    if (told.low === null || told.low === undefined) return unit(exercise, number(told.value));
    return say("half_between", { value: unit(exercise, number(told.value)), low: number(told.low), high: number(told.high) });
  }

  /** The counts of what was given, for rooms too small for more. */
  function counted(exercise, told) {
    const names = new Map((exercise.groups ?? []).map((each) => [each.id, each.label]));
    const value = (given) => names.get(given) ?? String(given).replace(/^\[(.*), (.*)\]$/, "$1 × $2");
    return told.counts.map(([given, many]) => `${value(given)} (${many})`).join(" · ");
  }

  function row(exercise, picture, told) {
    let drawn = [];
    let words = counted(exercise, told);
    if (exercise.kind === "points") [words, drawn] = [say("points", { value: number(told.value ?? 0) }), share(told.value ?? 0, Math.max(...picture.options.map((each) => each.value ?? 0)), say("points", { value: number(told.value ?? 0) }))];
    else if (exercise.kind === "score" || exercise.kind === "confidence") {
      drawn = columns(exercise, told);
      words = picture.few ? "" : between(exercise, told);
    } else if (!picture.few && told.value !== null) {
      if (RANGES.has(exercise.kind)) {
        const option = exercise.options.find((each) => each.id === told.id) ?? {};
        words = between(exercise, told);
        drawn = range(told, option.low ?? exercise.low, option.high ?? exercise.high, exercise.log, words);
      } else if (exercise.kind === "rank") {
        words = say("mean_rank", { value: number(told.value) });
        drawn = range(told, 1, Math.max(2, picture.options.length), false, words);
      } else if (exercise.kind === "cards") {
        const total = told.counts.reduce((sum, [, many]) => sum + many, 0);
        drawn = share(Math.max(0, ...told.counts.map(([, many]) => many)), total, words);
      } else if (exercise.kind === "risks") {
        words = say("risk", { value: number(told.value) });
        drawn = share(told.value, exercise.high ** 2, words);
      }
    }
    const tag = told.agreed === null || picture.few ? null : make("span", { class: `tag ${told.agreed ? "yes" : "no"}` }, say(told.agreed ? "agreed" : "apart"));
    return make("div", { class: "told" }, make("p", { class: "name" }, told.label, " ", tag), make("div", {}, ...drawn), make("p", { class: "figures" }, words, told.answers < picture.people ? ` (${say("answers", { n: told.answers })})` : ""));
  }

  /** The whole of a revealed round. */
  function of(exercise, picture) {
    if (!picture || !picture.people) return make("p", { class: "soft" }, say("nobody_answered"));
    const order = exercise.kind === "rank" && !picture.few ? [...picture.options].sort((one, other) => one.value - other.value) : picture.options;
    const texts = picture.by ? picture.by.map(([alias, text]) => make("li", {}, text, make("span", { class: "by" }, alias))) : picture.texts.map((text) => make("li", {}, text));
    const facts = [say("answers", { n: picture.people })];
    const measure = (name, [value, low, high]) => say(name, { value: decimals.format(value), low: decimals.format(low), high: decimals.format(high) });
    if (picture.w && !picture.few) facts.push(measure("kendall", picture.w));
    else if (picture.alpha && !picture.few) facts.push(measure("alpha", picture.alpha));
    if (picture.round > 1 && picture.both) facts.push(say("moved", { n: picture.moved, of: picture.both }));
    if (exercise.rule && !picture.few && picture.agreed !== null) facts.push(say("rule", { rule: exercise.rule }));
    return make("div", { class: "picture" }, make("p", { class: "soft" }, facts.join(" · ")), picture.few ? make("p", { class: "soft" }, say("few")) : null, ...order.map((told) => row(exercise, picture, told)), texts.length ? make("ul", { class: "texts" }, ...texts) : null);
  }

  const dataSay = (room) => room.data_say ? make("section", { class: "data" }, make("h3", {}, say("data_say")), make("p", {}, room.data_say)) : null;

  function frame(exercise) {
    if (!exercise.figure) return null;
    const shown = make("iframe", { src: exercise.figure, title: say("figure"), sandbox: "allow-same-origin", loading: "lazy" });
    shown.addEventListener("load", () => {
      const inside = shown.contentDocument?.body;
      if (inside) shown.style.setProperty("height", `${Math.min(900, Math.ceil(inside.getBoundingClientRect().height) + 4)}px`);
    });
    return shown;
  }

  return { of, dataSay, frame, number };
})();
