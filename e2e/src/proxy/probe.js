// Runs in every page before its own scripts: it can make the page's time run faster or jump, and
// send its requests elsewhere. `FACTOR` stands in front of it, and `START`, the instant from which on
// time runs so, which all tabs share.
(() => {
  "use strict";
  // Time. Both clocks go on from where they are, so many times as fast, and can jump.
  const RealDate = Date;
  const realWall = RealDate.now.bind(RealDate);
  const realMonotonic = performance.now.bind(performance);
  let factor = FACTOR;
  const clock = (read, start) => {
    let [real, shown] = [start, start];
    return {
      now: () => shown + (read() - real) * factor,
      jump: (by) => { shown += by; },
      // What has passed so far has passed at the pace there was.
      settle: () => { [shown, real] = [shown + (read() - real) * factor, read()]; },
    };
  };
  const wallClock = clock(realWall, START);
  const monotonicClock = clock(realMonotonic, realMonotonic());
  const wall = () => Math.floor(wallClock.now());
  class HastyDate extends RealDate {
    constructor(...parts) {
      if (parts.length === 0) super(wall());
      else super(...parts);
    }
    static now() {
      return wall();
    }
  }
  const callableDate = new Proxy(HastyDate, { apply: () => new HastyDate().toString() });
  window.Date = callableDate;
  Performance.prototype.now = monotonicClock.now;

  const wait = (delay) => (Number(delay) || 0) / factor;
  const realTimeout = window.setTimeout.bind(window);
  const realInterval = window.setInterval.bind(window);
  window.setTimeout = (what, delay, ...rest) => realTimeout(what, wait(delay), ...rest);
  window.setInterval = (what, delay, ...rest) => realInterval(what, wait(delay), ...rest);
  const realAbort = AbortSignal.timeout.bind(AbortSignal);
  // What the browser, the server and the proxy take passes no faster: a deadline leaves time for it.
  const LEAST = 2000;
  AbortSignal.timeout = (delay) => realAbort(Math.max(Math.ceil(wait(delay)), Math.min(delay, LEAST)));

  // Requests that go elsewhere: [{ method, end, count, base }].
  const diverted = [];
  let offline = false;
  const isOnLine = Object.getOwnPropertyDescriptor(Navigator.prototype, "onLine").get;
  Object.defineProperty(Navigator.prototype, "onLine", {
    configurable: true,
    get() {
      return !offline && isOnLine.call(this);
    },
  });
  const send = window.fetch.bind(window);
  window.fetch = async (what, init) => {
    if (offline) throw new TypeError("the network is cut off");
    // A copy of a request would take its body away from it.
    const request = what instanceof Request && !init ? what : new Request(what, init);
    const url = new URL(request.url);
    const found = diverted.find(
      (one) => one.count > 0 && one.method === request.method && new RegExp(one.path).test(url.pathname),
    );
    if (!found) return send(request);
    found.count -= 1;
    const body = ["GET", "HEAD"].includes(request.method) ? undefined : await request.clone().text();
    return send(found.base + url.pathname + url.search, {
      method: request.method,
      headers: request.headers,
      body,
      signal: request.signal,
      credentials: request.credentials,
      cache: request.cache,
      redirect: request.redirect,
      referrerPolicy: request.referrerPolicy,
    });
  };

  window.__probe = {
    // Moves the clocks by so many milliseconds: both, or each by its own.
    jump: (wallBy, monotonicBy = wallBy) => {
      wallClock.jump(wallBy);
      monotonicClock.jump(monotonicBy);
    },
    // From now on, time runs this many times as fast.
    hasten: (by) => {
      wallClock.settle();
      monotonicClock.settle();
      factor = by;
    },
    divert: (method, path, base, count) => diverted.push({ method, path, base, count }),
    undivert: () => diverted.splice(0),
    // For browsers whose driver cannot cut them off.
    setOffline: (cut) => {
      if (offline === cut) return;
      offline = cut;
      window.dispatchEvent(new Event(cut ? "offline" : "online"));
    },
  };
})();
