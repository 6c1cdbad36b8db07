"use strict";
// Shows each plan as a card: what it costs and why, whether it fits, and what lies ahead.
const Cards = (() => {
  const D = Decimals;
  const { make } = Dom;

  function card(placed, period, quantities, isCheapest, id) {
    const name = placed.plan.name;
    return make("article", { class: `card${isCheapest ? " best" : ""}${placed.fits ? "" : " misfit"}`, "aria-labelledby": id },
      make("header", {},
        make("h3", { id }, name),
        make("p", { class: "verdict" }, verdict(placed, isCheapest))),
      make("p", { class: "total" }, ...totalOf(placed, period)),
      placed.lacks.length ? make("ul", { class: "lacks" }, placed.lacks.map((each) => make("li", {}, Words.lack(each)))) : "",
      placed.addOns.length ? make("p", { class: "with" }, `With ${placed.addOns.map((each) => each.name).join(", ")}.`) : "",
      itemised(placed, period),
      ahead(placed, quantities));
  }

  function verdict(placed, isCheapest) {
    if (!placed.fits) return "\u2715 Does not fit";
    if (placed.bill.unknown.length || placed.unsure.length) return ""; // what is needed is not known, so neither is whether it fits
    return isCheapest ? "\u2605 Cheapest fit" : "\u2713 Fits";
  }

  function totalOf({ bill }, period) {
    if (bill.total === null) return [make("strong", { class: "none" }, Words.noTotal(bill))];
    const total = Words.money(bill.total);
    const parts = [make("strong", { class: Words.isLong(total) ? "long" : "" }, total), ` per ${period.name}`];
    if (period.months > 1) {
      const month = D.divide(bill.total, D.of(period.months), 6, "nearest");
      parts.push(make("span", { class: "soft" }, ` (${Words.money(month)} a month)`));
    }
    return parts;
  }

  function itemised({ plan, bill }, period) {
    if (bill.total === null) return "";
    const months = period.months > 1 ? `, ${period.months} months` : "";
    const rows = bill.lines.map((line) =>
      make("tr", {}, make("th", { scope: "row" }, Words.line(line, plan)), make("td", {}, Words.item(line.amount))));
    const sum = make("tr", {}, make("th", { scope: "row" }, "Total"), make("td", {}, Words.money(bill.total)));
    return make("table", { class: "bill" },
      make("caption", { class: "unseen" }, `Bill of ${plan.name} per ${period.name}${months}`),
      make("tbody", {}, rows),
      make("tfoot", {}, sum));
  }

  function ahead({ plan, addOns }, quantities) {
    const charges = [plan, ...addOns].flatMap((offer) => offer.charges ?? []).filter((each) => quantities.get(each.metric));
    const found = charges.flatMap((charge) => Landmarks.ofCharge(charge, quantities.get(charge.metric)));
    const rooms = (plan.limits ?? []).flatMap((limit) => room(limit, addOns, quantities));
    const sentences = [...found, ...rooms].map((each) => make("li", {}, Words.landmark(each)));
    return sentences.length ? make("ul", { class: "ahead", "aria-label": "What lies ahead" }, sentences) : "";
  }

  function room(limit, addOns, quantities) {
    const allowed = Fits.allowance(limit, addOns);
    const quantity = quantities.get(limit.metric);
    if (allowed === null || !quantity || D.compare(quantity, allowed) > 0) return [];
    return [{ kind: "limit", metric: limit.metric, at: allowed, left: D.subtract(allowed, quantity) }];
  }

  return { card };
})();
