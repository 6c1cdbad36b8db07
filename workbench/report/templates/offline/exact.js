"use strict";
// Writes numbers with every digit they have, as formatting.exact and exact_money do in Python.
const Exact = (() => {
  const D = Decimals;
  const MINUS = "\u2212";

  // The house's own English, where the page names no other locale.
  const HOUSE = { group: ",", decimal: ".", sizes: [3, 3], percent: ["", "%"] };
  const numbers = (typeof Page === "undefined" ? null : Page.currency?.numbers) ?? HOUSE;
  const [last, others] = numbers.sizes;

  function grouped(whole) {
    let tail = whole.slice(-last);
    for (let head = whole.slice(0, -last); head; head = head.slice(0, -others)) tail = head.slice(-others) + numbers.group + tail;
    return tail;
  }

  const minus = (amount) => (D.sign(amount) < 0 ? MINUS : "");

  /** The digits without a sign, to at least so many places where there are any, or always. */
  function digits(amount, least = 0, always = false) {
    const [whole, after = ""] = D.text(D.sign(amount) < 0 ? D.negative(amount) : amount).split(".");
    return grouped(whole) + (after || (always && least) ? numbers.decimal + after.padEnd(least, "0") : "");
  }

  /** A number somebody decided, published or asked. */
  const number = (amount) => minus(amount) + digits(amount);

  /** Words of an amount with the currency's sign before or its code behind. */
  const inCurrency = ({ symbol, code, placed }, amount, words) =>
    placed ? placed[D.sign(amount) < 0 ? 1 : 0].join(words)
      : minus(amount) + symbol + words + (symbol || !code ? "" : ` ${code}`);

  /** A percentage: its digits between what the locale writes before and after them. */
  const percentage = (digits) => numbers.percent.join(digits);

  /** A price somebody decided, published or asked: cents come in full, or not at all. */
  const money = (currency, amount) => inCurrency(currency, amount, digits(amount, currency.digits));

  return { MINUS, digits, number, inCurrency, money, percentage };
})();
