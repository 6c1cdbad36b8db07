"use strict";
// Places a customer in the plans of a price book: all of them, the cheapest that fits, and the one to compare.
const Books = ((page) => {
  /** Which of a book's plans is looked at: one that was picked, or the cheapest that fits. */
  const picked = (side) => Dom.byId(`plan-${side}`)?.value ?? "";

  /** All plans of a side ("today" or "new") for these quantities; null where the side has no such period. */
  function placed(side, quantities, needs, period) {
    const terms = period[side];
    if (!page[side] || !terms) return null;
    const all = Fits.placeAll(page[side], needs, quantities, terms);
    const cheapest = Fits.cheapest(all);
    const name = picked(side);
    return { all, cheapest, looked: name ? all.find((each) => each.plan.name === name) : cheapest };
  }

  return { placed, picked };
})(Page);
