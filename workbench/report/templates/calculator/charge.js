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
        unitFactor: D.of(charge.unit_factor ?? "1"),
        rounding: charge.rounding ?? null,
        freeUnits: D.of(charge.free_units ?? "0"),
        packageSize: D.optional(charge.package_size),
        feeAtZero: charge.first_flat_fee_at_zero !== false,
        kept: D.shifted(D.subtract(HUNDRED, D.of(charge.discount_percent ?? "0")), PER_CENT),
        maximum: D.optional(charge.maximum),
        minimum: D.optional(charge.minimum),
      });
    }
    return known.get(charge);
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

  /** How a quantity is counted: converted and rounded units, those free, and the units or packages to be paid. */
  function counted(schedule, quantity) {
    if (D.sign(quantity) < 0) throw new RangeError("a negative quantity has no bill");
    const converted = D.multiply(quantity, schedule.unitFactor);
    const used = schedule.rounding ? D.rounded(converted, schedule.rounding) : converted;
    const free = D.least(used, schedule.freeUnits);
    const paid = D.subtract(used, free);
    const billable = schedule.packageSize === null ? paid : D.divide(paid, schedule.packageSize, 0, "up");
    return { used, free, billable };
  }

  /** The segments a quantity pays for: all up to the one reached, or the one reached alone. */
  function entered(schedule, billable) {
    const found = schedule.segments.filter((each) => D.sign(each.lower) === 0 || D.compare(billable, each.lower) > 0);
    return schedule.cumulative ? found : found.slice(-1);
  }

  function inside(schedule, segment, billable) {
    if (!schedule.cumulative) return billable;
    const end = segment.upper === null ? billable : D.least(billable, segment.upper);
    return D.subtract(end, segment.lower);
  }

  const UNIT_KINDS = { package: "packages", percentage: "percentage", graduated_percentage: "percentage" };

  function usageLines(charge, schedule, quantity) {
    const { free, billable } = counted(schedule, quantity);
    const lines = [];
    if (D.sign(free)) lines.push({ kind: "free", quantity: free, price: D.ZERO, amount: D.ZERO });
    for (const segment of entered(schedule, billable)) {
      if (D.sign(segment.fee) && (D.sign(billable) > 0 || schedule.feeAtZero)) {
        lines.push({ kind: "fee", quantity: D.ONE, price: segment.fee, amount: segment.fee, segment });
      }
      const units = inside(schedule, segment, billable);
      if (D.sign(units) && charge.model !== "flat") {
        const kind = UNIT_KINDS[charge.model] ?? "units";
        lines.push({ kind, quantity: units, price: segment.price, amount: D.multiply(units, segment.price), segment });
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

  return { scheduleOf, counted, entered, usageLines, lines, totalOf, amount };
})();
