"use strict";
// Finds which plans meet the needs, with the add-ons they take, and the cheapest of them.
const Fits = (() => {
  const D = Decimals;

  /** What a plan with some add-ons still lacks: features needed, and limits below the quantities used. */
  function lacking(plan, addOns, needs, quantities) {
    const has = new Set([plan, ...addOns].flatMap((offer) => offer.features ?? []));
    const features = needs.filter((name) => !has.has(name)).map((name) => ({ kind: "feature", name }));
    const limits = (plan.limits ?? []).flatMap((limit) => exceeded(limit, addOns, quantities));
    return [...features, ...limits];
  }

  function exceeded(limit, addOns, quantities) {
    const quantity = quantities.get(limit.metric);
    const allowed = allowance(limit, addOns);
    if (!quantity || allowed === null || D.compare(quantity, allowed) <= 0) return [];
    return [{ kind: "limit", metric: limit.metric, allowed, quantity }];
  }

  /** The most of a metric a plan allows with its add-ons, which add to it; null is no limit. */
  function allowance(limit, addOns) {
    const more = addOns.flatMap((offer) => (offer.limits ?? []).filter((each) => each.metric === limit.metric));
    const parts = [limit, ...more].map((each) => each.up_to ?? null);
    return parts.includes(null) ? null : D.total(parts.map((each) => D.of(each)));
  }

  const helps = (addOn, lack) =>
    lack.kind === "feature"
      ? (addOn.features ?? []).includes(lack.name)
      : (addOn.limits ?? []).some((limit) => limit.metric === lack.metric);

  /** Every smallest way to meet the needs of a plan with add-ons, found by supplying one lack after the other. */
  function waysToFit(plan, addOns, needs, quantities) {
    const tried = new Set();
    const ways = [];
    const supply = (chosen) => {
      const key = addOns.map((each) => (chosen.includes(each) ? 1 : 0)).join("");
      if (tried.has(key)) return;
      tried.add(key);
      const [lack] = lacking(plan, chosen, needs, quantities);
      if (!lack) ways.push(chosen);
      else for (const each of addOns) if (!chosen.includes(each) && helps(each, lack)) supply([...chosen, each]);
    };
    supply([]);
    return ways;
  }

  /** Metrics a plan limits whose quantity is unknown, so that nobody knows whether it holds them. */
  const unsure = (plan, addOns, quantities) =>
    (plan.limits ?? []).filter((each) => !quantities.get(each.metric) && allowance(each, addOns) !== null).map((each) => each.metric);

  /** A plan under the needs: the add-ons it takes (of those for it), its bill, and what it lacks (nothing, when it fits). */
  function place(book, plan, needs, quantities, period) {
    const open = (book.add_ons ?? []).filter((each) => each.plans.includes(plan.name));
    const ways = waysToFit(plan, open, needs, quantities);
    const found = ways.map((addOns) => ({ addOns, bill: Bills.billOf([plan, ...addOns], quantities, period) }));
    if (!found.length) {
      const bill = Bills.billOf([plan], quantities, period);
      return { plan, addOns: [], bill, lacks: lacking(plan, open, needs, quantities), unsure: [], fits: false };
    }
    const best = found.reduce(cheaper);
    return { plan, ...best, lacks: [], unsure: unsure(plan, best.addOns, quantities), fits: true };
  }

  function cheaper(best, next) {
    if (next.bill.total === null) return best;
    if (best.bill.total === null) return next;
    return D.compare(next.bill.total, best.bill.total) < 0 ? next : best;
  }

  const placeAll = (book, needs, quantities, period) =>
    book.plans.map((plan) => place(book, plan, needs, quantities, period));

  /** The plan with the lowest known bill among those known to fit, the first of equals; null when there is none. */
  function cheapest(placed) {
    const priced = placed.filter((each) => each.fits && !each.unsure.length && each.bill.total !== null);
    return priced.length ? priced.reduce(cheaper) : null;
  }

  return { place, placeAll, cheapest, allowance };
})();
