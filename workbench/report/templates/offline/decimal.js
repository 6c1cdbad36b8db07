"use strict";
// Exact decimal numbers: a whole number of units and how many of its digits stand after the point.
const Decimals = (() => {
  const WRITTEN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

  const make = (units, places) => ({ units, places });
  const tens = (count) => 10n ** BigInt(count);
  const ZERO = make(0n, 0);
  const ONE = make(1n, 0);

  /** Read a number as it is written; null when it is none. */
  function read(text) {
    const parts = WRITTEN.exec(String(text).trim());
    if (parts === null || !(parts[2] || parts[3])) return null;
    const after = parts[3] ?? "";
    const places = after.length - Number(parts[4] ?? 0);
    let units = BigInt((parts[2] ?? "") + after);
    if (parts[1] === "-") units = -units;
    return places >= 0 ? make(units, places) : make(units * tens(-places), 0);
  }

  /** Read a number that is certain to be one. */
  function of(text) {
    const found = read(text);
    if (found === null) throw new RangeError(`${text} is not a number`);
    return found;
  }

  const optional = (text) => (text === undefined || text === null ? null : of(text));
  const unitsAt = (a, places) => a.units * tens(places - a.places);

  function aligned(a, b) {
    const places = Math.max(a.places, b.places);
    return [unitsAt(a, places), unitsAt(b, places), places];
  }

  function add(a, b) {
    const [left, right, places] = aligned(a, b);
    return make(left + right, places);
  }

  const negative = (a) => make(-a.units, a.places);
  const subtract = (a, b) => add(a, negative(b));
  const multiply = (a, b) => make(a.units * b.units, a.places + b.places);
  /** Divide by a power of ten. */
  const shifted = (a, places) => make(a.units, a.places + places);
  const total = (numbers) => numbers.reduce(add, ZERO);

  function compare(a, b) {
    const [left, right] = aligned(a, b);
    return left < right ? -1 : left > right ? 1 : 0;
  }

  const sign = (a) => (a.units < 0n ? -1 : a.units > 0n ? 1 : 0);
  const least = (a, b) => (compare(b, a) < 0 ? b : a);
  const most = (a, b) => (compare(b, a) > 0 ? b : a);

  /** Divide whole numbers, the divisor above zero: down, up, or to the nearest with halves away from zero. */
  function wholes(above, below, mode) {
    const down = above >= 0n ? above / below : -((-above + below - 1n) / below);
    if (mode === "down") return down;
    if (mode === "up") return down * below === above ? down : down + 1n;
    const half = (above < 0n ? -above : above) * 2n + below;
    const nearest = half / (2n * below);
    return above < 0n ? -nearest : nearest;
  }

  /** Divide, rounded to a number of places; the divisor is above zero. */
  function divide(a, b, places, mode) {
    const [left, right] = aligned(a, b);
    return make(wholes(left * tens(places), right, mode), places);
  }

  const sizeOf = (whole) => (whole < 0n ? -whole : whole);
  const commonOf = (a, b) => (b ? commonOf(b, a % b) : a);

  /** One number over another, above zero, as whole numbers in lowest terms. */
  function ratio(a, b) {
    const [above, below] = aligned(a, b);
    const common = commonOf(sizeOf(above), below);
    return [above / common, below / common];
  }

  const DIGITS = 28;

  /** Divide: exactly where the result ends as a decimal, otherwise to so many digits; the divisor is above zero. */
  function quotient(a, b, digits = DIGITS) {
    const [above, below] = ratio(a, b);
    let rest = below;
    let places = 0;
    for (; rest % 10n === 0n; places += 1) rest /= 10n;
    for (const prime of [2n, 5n]) for (; rest % prime === 0n; places += 1) rest /= prime;
    if (rest === 1n) return make((above * tens(places)) / below, places);
    let lead = sizeOf(above).toString().length - below.toString().length;
    if (lead >= 0 ? sizeOf(above) < below * tens(lead) : sizeOf(above) * tens(-lead) < below) lead -= 1;
    places = digits - 1 - lead;
    if (places >= 0) return make(wholes(above * tens(places), below, "nearest"), places);
    return make(wholes(above, below * tens(-places), "nearest") * tens(-places), 0);
  }

  /** Round to whole numbers, or to a number of places. */
  const rounded = (a, mode, places = 0) => divide(a, ONE, places, mode);

  /** Write a number without exponent and without trailing zeros. */
  function text(a) {
    const digits = (a.units < 0n ? -a.units : a.units).toString().padStart(a.places + 1, "0");
    const whole = digits.slice(0, digits.length - a.places);
    const after = a.places ? digits.slice(-a.places).replace(/0+$/, "") : "";
    return (a.units < 0n ? "-" : "") + whole + (after ? `.${after}` : "");
  }

  /** The floating-point number nearest to this one. */
  const near = (a) => Number(text(a));
  /** Tell whether a floating-point number holds this one, so that both are written alike. */
  const isHeld = (a) => near(a) < 1e300 && compare(of(String(near(a))), a) === 0;

  return {
    ZERO, ONE, read, of, optional, add, subtract, negative, multiply, shifted, total, compare, sign, least, most,
    divide, ratio, quotient, rounded, text, near, isHeld, make, wholes,
  };
})();
