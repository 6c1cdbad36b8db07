"use strict";
// Writes numbers with every digit they have, as formatting.exact and exact_money do in Python.
const Exact = (() => {
  const D = Decimals;
  const MINUS = "\u2212";

  const grouped = (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const minus = (amount) => (D.sign(amount) < 0 ? MINUS : "");

  /** The digits without a sign, to at least so many places where there are any, or always. */
  function digits(amount, least = 0, always = false) {
    const [whole, after = ""] = D.text(D.sign(amount) < 0 ? D.negative(amount) : amount).split(".");
    return grouped(whole) + (after || (always && least) ? `.${after.padEnd(least, "0")}` : "");
  }

  /** A number somebody decided, published or asked. */
  const number = (amount) => minus(amount) + digits(amount);

  /** Words of an amount with the currency's sign before or its code behind. */
  const inCurrency = ({ symbol, code }, amount, words) => minus(amount) + symbol + words + (symbol || !code ? "" : ` ${code}`);

  /** A price somebody decided, published or asked: cents come in full, or not at all. */
  const money = (currency, amount) => inCurrency(currency, amount, digits(amount, currency.digits));

  return { MINUS, digits, number, inCurrency, money };
})();
