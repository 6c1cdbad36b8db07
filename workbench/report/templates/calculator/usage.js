"use strict";
// Reads what the customer typed: a quantity per metric, the features needed, the billing period.
const Usage = ((page) => {
  const D = Decimals;
  const { byId } = Dom;
  const MOST = D.of("1e15");
  const MOST_PLACES = 12;
  const TEN = D.of("10");
  const HUNDRED = D.of("100");

  const box = (place) => byId(`quantity-${place}`);
  const slider = (place) => byId(`slider-${place}`);

  /** The quantity in a box; null while there is none that can be billed. */
  function typed(place) {
    const found = D.read(box(place).value);
    const fine = found !== null && D.sign(found) >= 0 && D.compare(found, MOST) <= 0 && found.places <= MOST_PLACES;
    return fine ? found : null;
  }

  const quantities = () => new Map(page.metrics.map((metric, place) => [metric.name, typed(place)]));
  const needs = () => [...document.querySelectorAll("input[name=need]:checked")].map((each) => each.value);

  function period() {
    const chosen = document.querySelector("input[name=period]:checked");
    return page.periods[chosen ? Number(chosen.value) : 0];
  }

  /** The quantities at which a slider stops: zero, then steps that keep two to three digits, up to the most. */
  function stops(metric) {
    const most = D.of(metric.most);
    const found = [D.ZERO];
    let step = D.of(metric.least);
    while (D.compare(found.at(-1), most) < 0) {
      found.push(D.add(found.at(-1), step));
      if (D.compare(found.at(-1), D.multiply(step, HUNDRED)) >= 0) step = D.multiply(step, TEN);
    }
    return found;
  }

  /** Quantities after growth; those typed as whole numbers grow to whole numbers, rounded up. */
  function grown(known, times, only) {
    const grow = ([name, quantity]) => {
      if (!quantity || (only && name !== only)) return [name, quantity];
      const more = D.multiply(quantity, times);
      return [name, D.text(quantity).includes(".") ? more : D.rounded(more, "up")];
    };
    return new Map([...known].map(grow));
  }

  return { typed, quantities, needs, period, stops, grown, box, slider };
})(Page);
