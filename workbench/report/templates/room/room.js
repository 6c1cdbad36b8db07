// What the three pages share: words, the secret, the line to the server, the timer.
const Room = (() => {
  const { byId } = Dom;
  const words = Page.words;
  const RETRY = [500, 1000, 2000, 4000, 8000]; // milliseconds between tries of a line that broke
  const POLL = 2000; // milliseconds between looks where a stream does not get through
  const SILENT = 40000; // milliseconds without a sign of life after which a stream counts as broken
  let ahead = 0; // by how much the server's clock is ahead of ours

  /** A sentence of the page; values stand in single braces. */
  const say = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  async function ask(path, secret, body) {
    const headers = secret ? { Authorization: `Bearer ${secret}` } : {};
    const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(path, { ...sent, headers, cache: "no-store", credentials: "omit" });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    throw Object.assign(new Error([told.error, told.advice].filter(Boolean).join(" ") || say("failed")), { status: answer.status });
  }

  const pause = (time) => new Promise((done) => { setTimeout(done, time); });

  /** Hear of every change: a stream where it gets through, else a look every two seconds. */
  async function follow(secret, heard, lost) {
    let [broken, streams] = [0, true];
    for (;;) {
      try {
        if (streams) await stream(secret, (told) => { broken = 0; settle(told, heard); });
        else settle(await ask("/api/state", secret), heard);
        if (!streams) await pause(POLL);
      } catch (error) {
        if (error.status === 401 || error.status === 403) { lost(error); return; }
        if (error.isMute) { streams = false; continue; }
        byId("line").textContent = say("no_line");
        await pause(RETRY[Math.min(broken, RETRY.length - 1)]);
        broken += 1;
      }
    }
  }

  function settle(told, heard) {
    ahead = told.now * 1000 - Date.now();
    byId("line").textContent = "";
    heard(told);
  }

  async function stream(secret, heard) {
    const stop = new AbortController();
    let [timer, hasSpoken] = [0, false];
    const alive = () => { clearTimeout(timer); timer = setTimeout(() => stop.abort(), SILENT); };
    const offline = () => stop.abort();
    addEventListener("offline", offline);
    const first = setTimeout(() => { if (!hasSpoken) stop.abort(); }, 6000);
    try {
      alive();
      const answer = await fetch("/api/events", { headers: { Authorization: `Bearer ${secret}` }, cache: "no-store", credentials: "omit", signal: stop.signal });
      if (!answer.ok) throw Object.assign(new Error((await answer.json().catch(() => ({}))).error ?? ""), { status: answer.status });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        hasSpoken = true;
        alive();
        const parts = (rest + value).split("\n\n");
        rest = parts.pop();
        for (const each of parts) if (each.startsWith("data: ")) heard(JSON.parse(each.slice(6)));
      }
    } catch (error) {
      // Answered, and not a word came through: something on the way keeps streams back.
      if (stop.signal.aborted && !hasSpoken && navigator.onLine && await ask("/api/state", secret).then(() => true, () => false)) error.isMute = true;
      throw error;
    } finally {
      clearTimeout(timer);
      clearTimeout(first);
      removeEventListener("offline", offline);
    }
    throw new Error("ended");
  }

  /** How much is left, as 4:05; "" where there is no timer. */
  function left(until) {
    if (!until) return "";
    const seconds = Math.max(0, Math.ceil((until * 1000 - Date.now() - ahead) / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  /** Keep a timer on the page going. */
  function tick(element, until) {
    const show = () => {
      if (!element.isConnected && shown) { clearInterval(every); return; }
      const text = left(until());
      if (element.textContent !== text) element.textContent = text;
      element.classList.toggle("over", text === "0:00");
      shown ||= element.isConnected;
    };
    let shown = false;
    const every = setInterval(show, 500);
    show();
    return element;
  }

  /** The secret in the address, taken out of it at once so that nobody reads it over a shoulder or in a history. */
  function secretInAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    if (location.hash) history.replaceState(null, "", location.pathname);
    return given;
  }

  return { say, ask, follow, tick, secretInAddress };
})();
