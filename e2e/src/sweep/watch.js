// Runs in every page before its own scripts: it keeps what the page would otherwise only tell a
// console, keeps the linear memory of the WebAssembly, and looks through everything in which a
// secret could stand.
(() => {
  "use strict";
  if (window.__watch) return;
  const events = [];
  const consoleText = [];
  const memories = [];
  const record = (kind, text) => events.push({ kind, text: String(text) });

  window.addEventListener("error", (event) => {
    if (event instanceof ErrorEvent) record("error", `${event.message} ${event.error?.stack ?? ""}`);
  }, true);
  window.addEventListener("unhandledrejection", (event) => {
    record("rejection", `${event.reason} ${event.reason?.stack ?? ""}`);
  });
  document.addEventListener("securitypolicyviolation", (event) => {
    record("violation", `${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
  for (const level of ["error", "warn", "log", "info", "debug"]) {
    const write = console[level];
    console[level] = (...parts) => {
      const text = parts.map((part) => {
        try {
          return typeof part === "string" ? part : `${part} ${JSON.stringify(part) ?? ""}`;
        } catch {
          return String(part);
        }
      }).join(" ");
      consoleText.push({ level, text });
      write.apply(console, parts);
    };
  }
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...parts) => {
      const made = await real.apply(WebAssembly, parts);
      const { memory } = (made.instance ?? made).exports;
      if (memory) memories.push(memory);
      return made;
    };
  }

  const storage = (name) => {
    try {
      return Object.entries(window[name]).map((entry) => entry.join("=")).join("\n");
    } catch (refusal) {
      return String(refusal);
    }
  };
  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const indexedDb = async () => {
    const found = [];
    for (const { name } of await indexedDB.databases?.() ?? []) {
      const database = await asked(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store);
        found.push(name, store, await asked(all.getAllKeys()), await asked(all.getAll()));
      }
      database.close();
    }
    return JSON.stringify(found);
  };
  const cached = async () => {
    const found = [];
    for (const name of await window.caches?.keys() ?? []) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        found.push(name, request.url, await (await cache.match(request)).text());
      }
    }
    return found.join("\n");
  };
  const workers = async () => {
    const all = await navigator.serviceWorker?.getRegistrations() ?? [];
    return all.map((one) => `${one.scope} ${one.active?.scriptURL}`).join("\n");
  };
  const attributes = () => [...document.querySelectorAll("*")]
    .flatMap((element) => [...element.attributes].map((one) => `${one.name}=${one.value}`));
  const of = (kind) => events.filter((event) => event.kind === kind).map((event) => event.text);

  // Everything in this page in which a secret could stand, but for the linear memory. What a
  // browser does not have holds nothing.
  const sinks = {
    document: () => document.documentElement.outerHTML,
    text: () => document.documentElement.textContent,
    attributes: () => attributes().join("\n"),
    fields: () => [...document.querySelectorAll("input, textarea, select")]
      .map((field) => `${field.type} ${field.name} ${field.value}`).join("\n"),
    selection: () => String(getSelection()),
    title: () => document.title,
    url: () => location.href,
    referrer: () => document.referrer,
    state: () => JSON.stringify(history.state),
    entries: () => window.navigation?.entries()
      .map((entry) => `${entry.url} ${JSON.stringify(entry.getState())}`).join("\n"),
    name: () => window.name,
    local: () => storage("localStorage"),
    session: () => storage("sessionStorage"),
    cookie: () => document.cookie,
    indexedDb,
    caches: cached,
    workers,
    console: () => consoleText.map((line) => line.text).join("\n"),
    errors: () => of("error").join("\n"),
    rejections: () => of("rejection").join("\n"),
    violations: () => of("violation").join("\n"),
    resources: () => performance.getEntries().map((entry) => entry.name).join("\n"),
  };

  // A text as its bytes stand in a memory, each for a character.
  const bytes = (text) => Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
  const latin = new TextDecoder("latin1");
  const pieces = function* (memory) {
    // A text that lies across two pieces is whole in one of them.
    const [step, overlap] = [1 << 20, 1 << 10];
    for (let start = 0; start < memory.buffer.byteLength; start += step) {
      const length = Math.min(step + overlap, memory.buffer.byteLength - start);
      yield latin.decode(new Uint8Array(memory.buffer, start, length));
    }
  };

  window.__watch = {
    events,
    console: consoleText,
    memories,
    // How often a text stands in the linear memory. Into the beginning of what is free, an allocator
    // writes its own notes, so that the beginning of a long text is not looked for.
    inMemory: (text) => {
      const sought = bytes(text).slice(text.length > 24 ? 16 : 0);
      let count = 0;
      for (const memory of memories) {
        for (const piece of pieces(memory)) count += piece.split(sought).length - 1;
      }
      return count;
    },
    // Which texts stand where: pairs of a sink and the number of the text.
    find: async (texts) => {
      const found = [];
      const looked = [];
      for (const [name, read] of Object.entries(sinks)) {
        looked.push(name);
        let text;
        try {
          text = String(await read() ?? "");
        } catch (refusal) {
          // A page that may not look into a sink cannot have put anything there.
          text = String(refusal);
        }
        texts.forEach((sought, number) => {
          if (text.includes(sought) || text.includes(encodeURIComponent(sought))) found.push([name, number]);
        });
      }
      if (memories.length > 0) looked.push("memory");
      texts.forEach((sought, number) => {
        if (window.__watch.inMemory(sought) > 0) found.push(["memory", number]);
      });
      const shows = (selector) => document.querySelector(selector)?.checkVisibility() ?? false;
      return {
        looked,
        found,
        session: storage("sessionStorage").includes("occam-keys.session=") || shows("#app .account"),
        form: shows("#sign-in-form"),
        secret: shows(".secret"),
        revealed: shows("[data-testid=secret]"),
      };
    },
  };
})();
