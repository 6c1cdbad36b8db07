"use strict";
// Bills the quantity of one metric exactly and item by item. The order is: convert the unit, round the quantity,
// take off free units, count packages, price the bands, percentage discount, maximum, minimum.
const Charges = (() => {
  const D = Decimals;
  const HUNDRED = D.of("100");
  const PER_CENT = 2;
  const known = new WeakMap();

  /** The one form in which every model of charge is billed. */
  function scheduleOf(charge) {
    if (!known.has(charge)) {
      known.set(charge, {
        model: charge.model,
        segments: segmentsOf(charge),
        // Graduated: every segment entered prices what lies in it. Volume: the one reached prices all of it.
        cumulative: charge.model !== "volume",
        ...factorOf(charge),
        rounding: charge.rounding ?? null,
        freeUnits: D.of(charge.free_units ?? "0"),
        packageSize: D.optional(charge.package_size),
        packageRounding: charge.package_rounding ?? "up",
        feeAtZero: charge.first_flat_fee_at_zero !== false,
        kept: D.shifted(D.subtract(HUNDRED, D.of(charge.discount_percent ?? "0")), PER_CENT),
        maximum: D.optional(charge.maximum),
        minimum: D.optional(charge.minimum),
      });
    }
    return known.get(charge);
  }

  /** The unit factor, a number or a fraction such as 1/60, as `times` over `over`. */
  function factorOf(charge) {
    const [times, over = "1"] = String(charge.unit_factor ?? "1").split("/");
    return { times: D.of(times), over: D.of(over) };
  }

  function segmentsOf(charge) {
    if (!charge.bands?.length) {
      const rate = D.shifted(D.of(charge.rate_percent ?? "0"), PER_CENT);
      const price = D.optional(charge.unit_price) ?? D.optional(charge.package_price) ?? rate;
      return [{ lower: D.ZERO, upper: null, price, fee: D.of(charge.fixed_fee ?? "0") }];
    }
    let lower = D.ZERO;
    return charge.bands.map((band) => {
      const upper = D.optional(band.up_to);
      const rate = D.shifted(D.of(band.rate_percent ?? "0"), PER_CENT);
      const price = D.add(D.of(band.unit_price ?? "0"), rate);
      const segment = { lower, upper, price, fee: D.of(band.flat_fee ?? "0") };
      lower = upper ?? lower;
      return segment;
    });
  }

  const TWO = D.of("2");
  const MOST_EXACT = 2n ** 53n;
  const MOST_COUNTED = 1e15; // above it a unit more or less is beyond what floats tell apart

  /**
   * Whole units or packages of a quantity: a new one begins above, or at, the edges (start + k * size) / under. A
   * quantity that floats hold is compared with the edges as floats, as every other evaluation of a charge does it.
   */
  function whole(value, mode, start, size, under) {
    const begin = mode === "nearest" ? D.subtract(D.multiply(TWO, start), size) : D.multiply(TWO, start);
    const [startAbove, startBelow] = D.ratio(begin, D.multiply(TWO, under));
    const [sizeAbove, sizeBelow] = D.ratio(size, under);
    const [first, over, part] = asFloats(startAbove, startBelow, sizeAbove, sizeBelow);
    const units = D.near(value);
    if (!D.isHeld(value) || units > (MOST_COUNTED * over) / part) {
      const [above, below] = D.ratio(value, D.ONE);
      const from = (above * startBelow - startAbove * below) * sizeBelow;
      const found = D.wholes(from, below * startBelow * sizeAbove, mode === "up" ? "up" : "down");
      return D.make(found > 0n ? found : 0n, 0);
    }
    let found = Math.floor(units * (part / over) - first / over + 0.5);
    const edge = (found * over + first) / part;
    if (mode === "up" ? units > edge : units < edge) found += mode === "up" ? 1 : -1;
    return D.make(BigInt(Math.max(0, found)), 0);
  }

  function asFloats(startAbove, startBelow, sizeAbove, sizeBelow) {
    // The least whole number both can be written over; the two are in lowest terms.
    const common = D.ratio(D.make(startBelow, 0), D.make(sizeBelow, 0))[0] * sizeBelow;
    const parts = [(startAbove * common) / startBelow, (sizeAbove * common) / sizeBelow, common];
    if (parts.every((each) => -MOST_EXACT <= each && each <= MOST_EXACT)) return parts.map(Number);
    return [nearest(startAbove, startBelow), nearest(sizeAbove, sizeBelow), 1];
  }

  const ENOUGH = 60; // digits, so that cutting the rest off moves no float
  const nearest = (above, below) => D.near(D.quotient(D.make(above, 0), D.make(below, 0), ENOUGH));

  /**
   * How a quantity is counted: converted and rounded units, those free, and the units or packages to be paid. All of
   * them times `parts`, which keeps a quantity that never ends as a decimal exact.
   */
  function counted(schedule, quantity) {
    if (D.sign(quantity) < 0) throw new RangeError("a negative quantity has no bill");
    let { times, over } = schedule;
    let [value, used] = [quantity, D.multiply(quantity, times)];
    if (schedule.rounding) {
      used = value = whole(quantity, schedule.rounding, D.ZERO, over, times);
      times = over = D.ONE;
    }
    const limit = D.multiply(schedule.freeUnits, over);
    if (schedule.packageSize !== null) {
      const size = D.multiply(schedule.packageSize, over);
      const billable = whole(value, schedule.packageRounding, limit, size, times);
      return { used, free: D.least(used, limit), billable, parts: D.ONE, freeParts: over };
    }
    if (D.isHeld(value)) used = endNear(schedule, value, times, over) ?? used;
    const free = D.least(used, limit);
    return { used, free, billable: D.subtract(used, free), parts: over, freeParts: over };
  }

  /** The end of the free units or of a band where floats cannot tell the quantity from it, else null. */
  function endNear(schedule, value, times, over) {
    const uppers = schedule.segments.map((each) => each.upper).filter((each) => each !== null);
    const ends = [D.ZERO, ...uppers].map((each) => D.multiply(D.add(each, schedule.freeUnits), over));
    return ends.find((each) => D.near(value) === D.near(D.quotient(each, times, ENOUGH))) ?? null;
  }

  /** Tell whether a quantity has a price: it has none above a last band that ends. */
  function isPriced(charge, quantity) {
    const schedule = scheduleOf(charge);
    const { upper } = schedule.segments.at(-1);
    if (upper === null) return true;
    const { billable, parts } = counted(schedule, quantity);
    return D.compare(billable, D.multiply(upper, parts)) <= 0;
  }

  /** The segments a quantity pays for: all up to the one reached, or the one reached alone. */
  function entered(schedule, { billable, parts }) {
    const isBelow = (each) => D.sign(each.lower) === 0 || D.compare(billable, D.multiply(each.lower, parts)) > 0;
    const found = schedule.segments.filter(isBelow);
    return schedule.cumulative ? found : found.slice(-1);
  }

  function inside(schedule, segment, { billable, parts }) {
    if (!schedule.cumulative) return billable;
    const end = segment.upper === null ? billable : D.least(billable, D.multiply(segment.upper, parts));
    return D.subtract(end, D.multiply(segment.lower, parts));
  }

  const UNIT_KINDS = { package: "packages", percentage: "percentage", graduated_percentage: "percentage" };

  function usageLines(charge, schedule, quantity) {
    const found = counted(schedule, quantity);
    const lines = [];
    const free = D.quotient(found.free, found.freeParts);
    if (D.sign(free)) lines.push({ kind: "free", quantity: free, price: D.ZERO, amount: D.ZERO });
    for (const segment of entered(schedule, found)) {
      if (D.sign(segment.fee) && (D.sign(found.billable) > 0 || schedule.feeAtZero)) {
        lines.push({ kind: "fee", quantity: D.ONE, price: segment.fee, amount: segment.fee, segment });
      }
      const units = inside(schedule, segment, found);
      if (D.sign(units) && charge.model !== "flat") {
        const kind = UNIT_KINDS[charge.model] ?? "units";
        const amount = D.quotient(D.multiply(units, segment.price), found.parts);
        lines.push({ kind, quantity: D.quotient(units, found.parts), price: segment.price, amount, segment });
      }
    }
    return lines;
  }

  const totalOf = (lines) => D.total(lines.map((line) => line.amount));

  /** The itemised amount of a quantity; discount, cap and top-up to the minimum are lines of their own. */
  function lines(charge, quantity) {
    const schedule = scheduleOf(charge);
    const found = usageLines(charge, schedule, quantity);
    const less = D.multiply(totalOf(found), D.subtract(D.ONE, schedule.kept));
    if (D.sign(less)) found.push(bound("discount", D.negative(less), charge.discount_percent));
    const before = totalOf(found);
    const { maximum, minimum } = schedule;
    if (maximum !== null && D.compare(before, maximum) > 0) {
      found.push(bound("maximum", D.subtract(maximum, before), charge.maximum));
    }
    const capped = totalOf(found);
    if (minimum !== null && D.compare(capped, minimum) < 0) {
      found.push(bound("minimum", D.subtract(minimum, capped), charge.minimum));
    }
    return found.map((line) => ({ ...line, metric: charge.metric, charge }));
  }

  const bound = (kind, amount, at) => ({ kind, quantity: null, price: null, amount, at: D.of(at) });

  const amount = (charge, quantity) => totalOf(lines(charge, quantity));

  return { scheduleOf, counted, isPriced, entered, usageLines, lines, totalOf, amount };
})();
