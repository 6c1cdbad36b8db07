"use strict";
// Finds what lies ahead of a quantity: where included units end, the next band or package, the cap, the minimum.
const Landmarks = (() => {
  const D = Decimals;
  const PLACES = 6; // of a quantity; a bound that never ends as a decimal is shown rounded
  const HALF = D.of("0.5");

  /** The raw quantity above which more than `bound` converted and rounded units are counted. */
  function rawUpTo(schedule, bound) {
    const whole = D.rounded(bound, "down");
    const last = {
      up: () => whole,
      down: () => D.add(whole, D.ONE),
      nearest: () => D.add(whole, HALF),
    }[schedule.rounding];
    return raw(schedule, last ? last() : bound);
  }

  const raw = (schedule, units) => D.divide(D.multiply(units, schedule.over), schedule.times, PLACES, "nearest");

  /** The raw quantity from which at least `bound` converted and rounded units are counted. */
  const rawFrom = (schedule, bound) =>
    schedule.rounding ? rawUpTo(schedule, D.subtract(D.rounded(bound, "up"), D.ONE)) : raw(schedule, bound);

  /** The raw quantity with which, or above which, a number of packages is reached. */
  function rawOfPackages(schedule, packages) {
    const { packageSize, packageRounding, freeUnits } = schedule;
    const less = { up: D.ONE, down: D.ZERO, nearest: HALF }[packageRounding];
    const bound = D.add(D.multiply(D.subtract(packages, less), packageSize), freeUnits);
    return packageRounding === "up" ? rawUpTo(schedule, bound) : rawFrom(schedule, bound);
  }

  const ahead = (kind, at, quantity, more) => ({ kind, at, left: D.most(D.ZERO, D.subtract(at, quantity)), ...more });

  function included(schedule, quantity) {
    const { used, freeParts } = Charges.counted(schedule, quantity);
    if (!D.sign(schedule.freeUnits) || D.compare(used, D.multiply(schedule.freeUnits, freeParts)) > 0) return [];
    return [ahead("included", rawUpTo(schedule, schedule.freeUnits), quantity)];
  }

  function nextPackage(schedule, quantity) {
    const { billable } = Charges.counted(schedule, quantity);
    if (schedule.packageSize === null || (schedule.packageRounding === "up" && !D.sign(billable))) return [];
    const at = rawOfPackages(schedule, D.add(billable, D.ONE));
    return [ahead("package", at, quantity, { price: schedule.segments[0].price })];
  }

  function nextBand(schedule, quantity) {
    if (schedule.segments.length === 1) return [];
    const found = Charges.counted(schedule, quantity);
    const place = schedule.segments.indexOf(Charges.entered(schedule, found).at(-1));
    const next = schedule.segments[place + 1];
    if (!next) return [];
    const bound = D.add(schedule.segments[place].upper, schedule.freeUnits);
    return [ahead("band", rawUpTo(schedule, bound), quantity, { segment: next })];
  }

  /** The raw quantity from which the amount before cap and minimum reaches a target; null when it never does. */
  function reaches(schedule, quantity, target) {
    const found = Charges.counted(schedule, quantity);
    const billable = D.quotient(found.billable, found.parts);
    let base = D.ZERO; // what the bands below cost, in a charge that adds them up
    for (const segment of schedule.segments) {
      const from = schedule.cumulative ? segment.lower : D.ZERO;
      base = schedule.cumulative ? D.add(base, segment.fee) : segment.fee;
      if (segment.upper === null || D.compare(segment.upper, billable) > 0) {
        const start = D.most(segment.lower, billable);
        const at = crossing(schedule, segment, from, base, start, target);
        if (at !== null) return at;
      }
      if (schedule.cumulative && segment.upper !== null) {
        base = D.add(base, D.multiply(segment.price, D.subtract(segment.upper, segment.lower)));
      }
    }
    return null;
  }

  function crossing(schedule, segment, from, base, start, target) {
    const worth = (units) => D.multiply(D.add(base, D.multiply(segment.price, D.subtract(units, from))), schedule.kept);
    if (D.compare(worth(start), target) >= 0) return rawAt(schedule, start, true);
    const slope = D.multiply(segment.price, schedule.kept);
    if (!D.sign(slope)) return null;
    if (segment.upper !== null && D.compare(worth(segment.upper), target) < 0) return null;
    const missing = D.subtract(target, D.multiply(base, schedule.kept));
    // Enough places that a whole unit or package is never begun by a rounding error.
    return rawAt(schedule, D.add(from, D.divide(missing, slope, 30, "up")), false);
  }

  /** The raw quantity that counts as at least (or, when `above`, just more than) some billable units. */
  function rawAt(schedule, billable, above) {
    if (schedule.packageSize !== null) {
      const packages = above ? D.add(D.rounded(billable, "down"), D.ONE) : D.rounded(billable, "up");
      return rawOfPackages(schedule, packages);
    }
    const used = D.add(billable, schedule.freeUnits);
    if (!schedule.rounding) return raw(schedule, used);
    return rawUpTo(schedule, above ? D.rounded(used, "down") : D.subtract(D.rounded(used, "up"), D.ONE));
  }

  function cap(charge, schedule, quantity, before) {
    if (schedule.maximum === null) return [];
    const over = D.subtract(before, schedule.maximum);
    if (D.sign(over) >= 0) return [{ kind: "capped", amount: schedule.maximum, saved: over }];
    const at = reaches(schedule, quantity, schedule.maximum);
    if (at === null) return [];
    return [{ kind: "cap", at, left: D.most(D.ZERO, D.subtract(at, quantity)), amount: schedule.maximum }];
  }

  function minimum(schedule, quantity, before) {
    if (schedule.minimum === null || D.compare(before, schedule.minimum) >= 0) return [];
    const at = reaches(schedule, quantity, schedule.minimum);
    if (at === null) return [];
    return [{ kind: "minimum", at, left: D.most(D.ZERO, D.subtract(at, quantity)), amount: schedule.minimum }];
  }

  /** What lies ahead of a quantity under a charge. */
  function ofCharge(charge, quantity) {
    if (!Charges.isPriced(charge, quantity)) return [];
    const schedule = Charges.scheduleOf(charge);
    const usage = Charges.totalOf(Charges.usageLines(charge, schedule, quantity));
    const before = D.multiply(usage, schedule.kept);
    const capped = schedule.maximum !== null && D.compare(before, schedule.maximum) >= 0;
    return [
      ...included(schedule, quantity),
      // Above the cap another band or package costs nothing more, so it is not worth a sentence.
      ...(capped ? [] : [...nextBand(schedule, quantity), ...nextPackage(schedule, quantity)]),
      ...cap(charge, schedule, quantity, before),
      ...minimum(schedule, quantity, before),
    ].map((each) => ({ ...each, metric: charge.metric, charge }));
  }

  return { ofCharge };
})();
