// What is measured inside a page. It is there before anything of the page, the same for all sites,
// and leaves the page alone until it is asked.

(() => {
  "use strict";
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const seen = (element) => element?.checkVisibility?.({ visibilityProperty: true }) ?? false;
  const one = (selector) => (selector ? document.querySelector(selector) : null);

  /** Of how many rows the names are read: more than any window shows. */
  const LOOKED_AT = 60;

  const names = (site) => {
    const rows = document.querySelectorAll(site.row);
    const found = [];
    for (let at = 0; at < rows.length && found.length < LOOKED_AT; at += 1) {
      const cell = site.cell ? rows[at].querySelector(site.cell) : rows[at];
      const name = cell?.textContent.trim();
      if (name) found.push(name);
    }
    return found;
  };

  /** What can be waited for. */
  const conditions = {
    rows: (site, { least }) => names(site).length >= least,
    searched: (site, { text, least }) => {
      const field = one(site.search);
      const found = names(site);
      return (
        field?.value === text && found.length >= least && found.every((it) => it.includes(text))
      );
    },
    unsearched: (site, { text }) => names(site).some((it) => !it.includes(text)),
    first: (site, { among, before }) => {
      const [name = ""] = names(site);
      return name !== before && among.some((it) => name.includes(it));
    },
    seen: (_site, { selector }) => seen(one(selector)),
    gone: (_site, { selector }) => !seen(one(selector)),
    without: (site, { name }) => !names(site).some((it) => it.includes(name)),
    fewer: (site, { rows }) => document.querySelectorAll(site.row).length < rows,
  };

  // The clock starts at what the user does, and not when a program gets to hear of it.
  let did = 0;
  for (const kind of ["keydown", "click"]) {
    window.addEventListener(kind, (event) => event.isTrusted && (did = event.timeStamp), true);
  }

  /** When a condition holds and is painted, in ms since the navigation began. */
  const until = async (site, condition, options, limit) => {
    const end = performance.now() + limit;
    while (!conditions[condition](site, options)) {
      if (performance.now() > end) return null;
      await frame();
    }
    await frame();
    await frame();
    return performance.now();
  };

  let waited;
  const blocked = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) blocked.push(duration);
  }).observe({ type: "longtask", buffered: true });

  // From what the user does to the frame that follows. A key that is let go does nothing here, and
  // waits for a frame that something else asks for.
  let slowest = 0;
  const look = (entries) => {
    for (const { interactionId, name, duration } of entries) {
      if (interactionId && name !== "keyup") slowest = Math.max(slowest, duration);
    }
  };
  const interactions = new PerformanceObserver((list) => look(list.getEntries()));
  interactions.observe({ type: "event", durationThreshold: 16 });

  // The memory of a WebAssembly, where there is one.
  const memories = [];
  const keep = ({ exports }) => {
    const found = Object.values(exports).find((it) => it instanceof WebAssembly.Memory);
    if (found && !memories.includes(found)) memories.push(found);
  };
  for (const way of ["instantiate", "instantiateStreaming"]) {
    const plain = WebAssembly[way];
    WebAssembly[way] = async (...all) => {
      const made = await plain.apply(WebAssembly, all);
      keep(made.instance ?? made);
      return made;
    };
  }

  const put = (field, text) => {
    field.focus();
    field.select();
    return document.execCommand("insertText", false, text);
  };

  const signIn = (site, { email, password }) => {
    const [user, secret] = [one(site.user), one(site.password)];
    put(user, email);
    put(secret, password);
    one(site.submit).click();
    return user.value === email && secret.value === password;
  };

  window.bench = {
    names,
    /** Begins to wait; `result` gives what came of it, in ms since the last thing the user did. */
    arm(site, condition, options, limit = 90_000) {
      // What holds already would be measured as nothing at all.
      if (conditions[condition](site, options)) throw new Error(`${condition} holds already`);
      waited = until(site, condition, options, limit);
    },
    async result() {
      const at = await waited;
      return at === null ? null : at - did;
    },
    until,
    signIn,
    /** Somebody who cannot wait: types and submits in the first frame that has the form. */
    async hurry(site, account) {
      while (!seen(one(site.submit ?? site.ready))) await frame();
      const form = performance.now();
      const typed = site.submit ? signIn(site, account) : true;
      await frame();
      await frame();
      const [paint] = performance.getEntriesByName("first-contentful-paint");
      return {
        form: Math.max(form, paint?.startTime ?? 0),
        paint: paint?.startTime ?? null,
        typed,
      };
    },
    /** Signs in on a page that has come to rest, and waits for the rows. */
    async enter(site, account, least, limit) {
      const began = performance.now();
      signIn(site, account);
      const painted = await until(site, "rows", { least }, limit);
      return painted === null ? null : { total: painted - began, after: painted - answered() };
    },
    /** The same with a session: from the begin of the navigation. */
    async reloaded(site, least, limit) {
      const painted = await until(site, "rows", { least }, limit);
      return painted === null ? null : { total: painted, after: painted - answered() };
    },
    /** The longest that something the user did has waited for its frame, in ms. */
    async interaction() {
      await frame();
      await frame();
      look(interactions.takeRecords());
      return slowest || null;
    },
    /** Until nothing has come for half a second. */
    async rest() {
      const come = () => performance.getEntriesByType("resource").length;
      for (let before = -1; before !== come(); ) {
        before = come();
        await new Promise((done) => setTimeout(done, 500));
      }
    },
    blocking: () => blocked.reduce((sum, it) => sum + Math.max(0, it - 50), 0),
    wasm: () => memories.reduce((sum, it) => sum + it.buffer.byteLength, 0),
    /** Keeps the page's process busy for a while, and nothing else. */
    work(during = 200) {
      const end = performance.now() + during;
      while (performance.now() < end);
    },
    nodes: () => document.getElementsByTagName("*").length,
    /** Scrolls to the end in `steps`: the slowest frame, places without a row, the last row. */
    async scroll(site, steps) {
      const box = site.scroller ? one(site.scroller) : document.scrollingElement;
      const end = box.scrollHeight - box.clientHeight;
      let [slowest, blank, before] = [0, 0, await frame()];
      for (let step = 1; step <= steps; step += 1) {
        box.scrollTop = (end * step) / steps;
        for (let frames = 0; frames < 2; frames += 1) {
          const now = await frame();
          slowest = Math.max(slowest, now - before);
          before = now;
          // What the frame before this one has shown; the first one is that of the scroll.
          if (frames === 1) blank += holes(site, box);
        }
      }
      const row = [...document.querySelectorAll(site.row)].at(-1);
      const last = (site.cell ? row.querySelector(site.cell) : row).textContent.trim();
      return { slowest, blank, last };
    },
  };

  /** When the list had arrived. */
  const answered = () => {
    const lists = performance
      .getEntriesByType("resource")
      .filter((it) => /\/keys\/$/.test(it.name));
    return lists.at(-1)?.responseEnd ?? 0;
  };

  /** At how many of five heights in the box there is no row with a name. */
  const holes = (site, box) => {
    const whole = box === document.scrollingElement;
    const { left, width, top, height } = whole
      ? { left: 0, width: innerWidth, top: 0, height: innerHeight }
      : box.getBoundingClientRect();
    const from = Math.max(0, top);
    const to = Math.min(innerHeight, top + height);
    const places = [0.2, 0.35, 0.5, 0.65, 0.8].map((part) => from + (to - from) * part);
    // Between two rows there may be a gap that is meant.
    const isEmpty = (y) => {
      const found = document.elementsFromPoint(left + width / 2, y);
      const row = found.map((it) => it.closest(site.row)).find(Boolean);
      const cell = row && (site.cell ? row.querySelector(site.cell) : row);
      return !cell?.textContent.trim();
    };
    return places.filter((y) => [y - 16, y, y + 16].every(isEmpty)).length;
  };
})();
