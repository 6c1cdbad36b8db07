"use strict";
// Writes amounts, prices, quantities and the sentences around them the way people read them.
const Words = ((page) => {
  const D = Decimals;
  const TIMES = "\u00d7";
  const { digits } = page.currency;

  /** An amount on a bill, rounded to the minor unit of the currency, halves up. */
  function money(amount) {
    const to = D.rounded(amount, "nearest", digits);
    return Exact.inCurrency(page.currency, to, Exact.digits(to, digits, true));
  }

  /** A price on a price list, never rounded. */
  const price = (amount) => Exact.money(page.currency, amount);

  const MOST_DECIMALS = 4; // of a price; more are those of a product

  /** The amount of a line: a price with every digit, a product of many decimals to the minor unit. */
  function item(amount) {
    const places = (D.text(amount).split(".")[1] ?? "").length;
    return places > MOST_DECIMALS ? money(amount) : Exact.inCurrency(page.currency, amount, Exact.digits(amount, digits, true));
  }

  const UNITS = [[1e12, "T"], [1e9, "B"], [1e6, "M"]];
  const SHORT_FROM = 1e7; // from here on an amount has no room beside an axis

  /** An amount beside an axis, large ones in millions, billions or trillions. */
  function level(value) {
    const [unit, letter] = value < SHORT_FROM ? [1, ""] : UNITS.find(([size]) => value >= size);
    const amount = D.of(Number((value / unit).toPrecision(6)));
    return Exact.inCurrency(page.currency, amount, Exact.digits(amount, letter ? 0 : digits) + letter);
  }

  const MOST_LETTERS = 13;

  /** Tell whether an amount is too long for the largest letters. */
  const isLong = (text) => text.length > MOST_LETTERS;

  /** A quantity; bounds that never end as a decimal are shown to six places. */
  const quantity = (amount) => Exact.number(D.rounded(amount, "nearest", 6));

  const named = (metric) => page.metrics.find((each) => each.name === metric);
  const label = (metric) => named(metric)?.label ?? metric;

  /** By how much one amount differs from another, in per cent with one decimal; nothing where that has no meaning. */
  function change(from, to) {
    if (D.sign(from) <= 0) return "";
    const difference = D.multiply(D.subtract(to, from), D.of("100"));
    const by = D.divide(difference, from, 1, "nearest");
    const sign = D.sign(by) > 0 ? "+" : D.sign(by) < 0 ? Exact.MINUS : "";
    return `${sign}${Exact.percentage(Exact.digits(by, 1, true))}`;
  }

  const signedMoney = (amount) => (D.sign(D.rounded(amount, "nearest", digits)) > 0 ? "+" : "") + money(amount);

  function span(segment) {
    const bounds = [];
    if (D.sign(segment.lower)) bounds.push(`above ${quantity(segment.lower)}`);
    if (segment.upper !== null) bounds.push(`up to ${quantity(segment.upper)}`);
    return bounds.length ? ` (${bounds.join(", ")})` : "";
  }

  function counted(line) {
    const { times, over } = Charges.scheduleOf(line.charge);
    if (!D.compare(times, over)) return "";
    const fraction = D.compare(over, D.ONE) ? `/${Exact.number(over)}` : "";
    return ` (counted ${TIMES} ${Exact.number(times)}${fraction})`;
  }

  const percent = (share) => D.multiply(share, D.of("100"));

  const LINES = {
    "base fee": () => "Base fee",
    "period discount": (line) => `${Exact.percentage(Exact.number(line.at))} off for this billing period`,
    free: (line) => `${Exact.number(line.quantity)} included`,
    fee: (line) => `fee${span(line.segment)}`,
    units: (line) => `${quantity(line.quantity)} ${TIMES} ${price(line.price)}${span(line.segment)}`,
    packages: (line) =>
      `${quantity(line.quantity)} ${TIMES} ${Exact.number(D.of(line.charge.package_size))} at ${price(line.price)}`,
    percentage: (line) =>
      `${Exact.percentage(Exact.number(percent(line.price)))} of ${quantity(line.quantity)}${span(line.segment)}`,
    discount: (line) => `discount of ${Exact.percentage(Exact.number(line.at))}`,
    maximum: (line) => `capped at ${price(line.at)} a month`,
    minimum: (line) => `up to the minimum of ${price(line.at)} a month`,
  };

  /** What a line of a bill is for. */
  function line(each, plan) {
    const offer = each.offer === plan ? "" : `${each.offer.name}: `;
    const metric = each.metric ? `${label(each.metric)}: ` : "";
    const factor = each.charge && ["units", "packages", "percentage"].includes(each.kind) ? counted(each) : "";
    return `${offer}${metric}${LINES[each.kind](each)}${factor}`;
  }

  const GOES_ON = {
    included: (each) => `${quantity(each.left)} left of the ${quantity(each.at)} included.`,
    band: (each) => `${quantity(each.left)} until the next band${bandPrice(each)}.`,
    package: (each) =>
      (each.charge.package_rounding ?? "up") === "up"
        ? `${quantity(each.left)} left in the package begun; the next one costs ${price(each.price)}.`
        : `${quantity(each.left)} until the next package counts, for ${price(each.price)}.`,
    cap: (each) => `${quantity(each.left)} until the cap of ${price(each.amount)} a month, at ${quantity(each.at)}.`,
    capped: (each) =>
      D.sign(each.saved)
        ? `capped at ${price(each.amount)} a month; without the cap it would be ${money(each.saved)} more.`
        : `just at the cap of ${price(each.amount)} a month; more costs nothing more.`,
    minimum: (each) => `the minimum of ${price(each.amount)} a month covers up to ${quantity(each.at)}.`,
    limit: (each) => `${Exact.number(each.left)} left of the ${Exact.number(each.at)} allowed.`,
  };

  function bandPrice({ segment, charge }) {
    const per = charge.model === "graduated_percentage" ? `${Exact.percentage(Exact.number(percent(segment.price)))}` : price(segment.price);
    const fee = D.sign(segment.fee) ? ` plus a fee of ${price(segment.fee)}` : "";
    return charge.model === "volume" ? `, then all at ${per}${fee}` : ` at ${per}${fee}`;
  }

  /** A sentence about what lies ahead. */
  const landmark = (each) => `${label(each.metric)}: ${GOES_ON[each.kind](each)}`;

  /** Why a plan does not fit. */
  function lack(each) {
    if (each.kind === "feature") return `Does not include ${each.name}.`;
    return `${label(each.metric)}: ${Exact.number(each.quantity)} is above the ${Exact.number(each.allowed)} allowed.`;
  }

  /** What stands where a total would, when there is none. */
  function noTotal(bill) {
    if (bill.request.length) return "Price on request";
    return `Needs ${bill.unknown.map((metric) => named(metric)?.words ?? metric).join(" and ")}`;
  }

  return { money, signedMoney, price, item, level, isLong, quantity, change, label, line, landmark, lack, noTotal };
})(Page);
