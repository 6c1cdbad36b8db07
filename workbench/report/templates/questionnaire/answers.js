"use strict";
// What has been answered: kept in the browser so that a reload loses nothing, and written as rows of a table.
const Answers = (() => {
  const KEY = `questionnaire-${Page.id}`;
  const given = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
  const state = { ...fresh(), ...kept() };
  // An invitation for somebody else is another questionnaire: it does not go on with these answers.
  if (CODE.test(given.respondent ?? "") && given.respondent !== state.respondent) Object.assign(state, fresh());

  function chance(most) {
    const drawn = new Uint32Array(1);
    crypto.getRandomValues(drawn);
    return drawn[0] % most;
  }

  function fresh() {
    const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    const code = Array.from({ length: 8 }, () => letters[chance(letters.length)]).join("");
    const version = Number(given.version);
    return {
      respondent: CODE.test(given.respondent ?? "") ? given.respondent : `R-${code}`,
      account: CODE.test(given.account ?? "") ? given.account : "",
      segment: Page.segments.includes(given.segment) || !Page.segments.length ? given.segment ?? "" : "",
      version: Number.isInteger(version) && version >= 1 && version <= Page.versions.length ? version : chance(Page.versions.length) + 1,
      at: -1,
      answers: {},
    };
  }

  function kept() {
    try {
      const found = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      return Page.versions[found.version - 1] ? found : {};
    } catch {
      return {}; // a browser that keeps nothing still asks
    }
  }

  function keep() {
    try { localStorage.setItem(KEY, JSON.stringify(state)); } catch { /* the page works without, but for a reload */ }
  }

  function forget() {
    Object.assign(state, fresh());
    try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ }
  }

  const steps = () => Page.versions[state.version - 1];

  /** Return the steps to ask: one that follows another is left out unless the answer before it goes on. */
  function asked() {
    const reached = new Set();
    return steps().filter((step) => {
      const goesOn = !step.after || (reached.has(step.after) && Kinds.would_buy.goesOn(state.answers[step.after]));
      if (goesOn) reached.add(step.id);
      return goesOn;
    });
  }

  function rows() {
    const shown = new Set(asked().map((step) => step.id));
    const made = steps().map((step) => Kinds[step.kind].rows(step, shown.has(step.id) ? state.answers[step.id] : undefined));
    // The steps about prices of one respondent make one row together.
    const own = Page.table === "survey_price_sensitivity" ? [Object.assign({}, ...made.flat())] : made.flat();
    const about = { respondent: state.respondent, account_id: state.account, segment: state.segment, version: `${Page.id.slice(0, 6)}-${state.version}`, per: Page.per };
    return own.map((row) => ({ ...about, ...row }));
  }

  // Text in quotation marks, with an apostrophe where a spreadsheet would see a formula, whatever separates its cells.
  const formula = /(?<![^,;\t|\r\n])(?=[ '\u00a0]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/g;
  const cell = (value) => typeof value === "number" ? String(value) : `"${String(value ?? "").replace(formula, "'").replaceAll('"', '""')}"`;

  const csv = () => [Page.columns, ...rows().map((row) => Page.columns.map((name) => row[name]))]
    .map((cells) => cells.map(cell).join(",")).join("\r\n") + "\r\n";

  const fileName = () => `${Page.table}-${state.respondent}.csv`;

  return { state, given, keep, forget, steps, asked, csv, fileName, CODE };
})();
