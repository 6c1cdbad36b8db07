"use strict";
// Bills a plan or an add-on for one billing period: base fee, every charge, then the discount of the period.
const Bills = (() => {
  const D = Decimals;

  /** Metrics an offer charges for whose quantity is unknown. */
  const unknownMetrics = (offer, quantities) => [
    ...new Set((offer.charges ?? []).map((charge) => charge.metric).filter((metric) => !quantities.get(metric))),
  ];

  const onRequest = (offer) => offer.base_fee === null || offer.base_fee === undefined;

  /** Tell whether every known quantity has a price; what lies above a last band that ends is on request. */
  const isPriced = (offer, quantities) =>
    (offer.charges ?? []).every(
      (charge) => !quantities.get(charge.metric) || Charges.isPriced(charge, quantities.get(charge.metric)),
    );

  /** The lines of an offer for a period of some months; the offer has a price and every quantity is known. */
  function linesOf(offer, quantities, period) {
    const months = D.of(period.months);
    const fee = D.of(offer.base_fee);
    const monthly = D.sign(fee) ? [{ kind: "base fee", amount: fee, quantity: null, price: fee }] : [];
    for (const charge of offer.charges ?? []) monthly.push(...Charges.lines(charge, quantities.get(charge.metric)));
    const lines = monthly.map((line) => ({ ...line, offer, months, amount: D.multiply(line.amount, months) }));
    const rate = D.of(period.discount_percent ?? "0");
    const less = D.multiply(Charges.totalOf(lines), D.shifted(rate, 2));
    if (D.sign(less)) lines.push({ kind: "period discount", amount: D.negative(less), at: rate, offer, months });
    return lines;
  }

  /** The bill of several offers: its lines and total, or why there is none (`request`, `unknown` metrics). */
  function billOf(offers, quantities, period) {
    const unknown = [...new Set(offers.flatMap((offer) => unknownMetrics(offer, quantities)))];
    const request = offers.filter((offer) => onRequest(offer) || !isPriced(offer, quantities));
    if (unknown.length || request.length) return { lines: [], total: null, unknown, request };
    const lines = offers.flatMap((offer) => linesOf(offer, quantities, period));
    return { lines, total: Charges.totalOf(lines), unknown, request };
  }

  return { billOf, onRequest };
})();
