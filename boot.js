// What has to happen before the app is there: preferences, the language, the start, and holding an
// early submit. It stands in the page and runs before the body is parsed, so that the first frame is
// right. A server may have another page's policy, which stops it there; it comes as a file then,
// and late.
(() => {
  "use strict";
  if (window.occamKeysBegun) return;
  window.occamKeysBegun = true;
  const html = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // Storage may be refused; then nothing is preferred and nobody is signed in.
  const stored = (storage, name) => {
    try {
      return window[storage].getItem(name);
    } catch {
      return null;
    }
  };

  // A user who is signed in does not see the sign-in form while the app starts.
  const session = stored("sessionStorage", "occam-keys.session");
  if (session !== null) html.dataset.starting = "";

  // The address of the Key API stands in the page, in the page's policy and in the server's. One
  // that was changed alone would look like a network that is down.
  const api = document.querySelector("meta[name=key-api]").content;
  const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]")?.content;
  const directives = (policy ?? "").split(";").map((directive) => directive.trim().split(" "));
  const places = directives.find(([name]) => name === "connect-src") ?? [];
  const fits = api === "" || places.includes(api);

  // The keys of a user who is signed in are what takes longest, and are asked for first of all. The
  // app takes the answer here if it would ask with the same header, and asks itself if there is none
  // that tells the keys.
  const ask = async (authorization) => {
    const answer = await fetch(`${api}/keys/`, {
      headers: { Accept: "application/json", Authorization: authorization },
      cache: "no-store",
      credentials: "omit",
      redirect: "manual",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(10_000),
    });
    return answer.ok ? answer : null;
  };
  if (session !== null && fits) {
    try {
      const authorization = `Bearer ${JSON.parse(session).access_token}`;
      const answer = ask(authorization).catch(() => null);
      window.occamKeysListing = (wanted) => (wanted === authorization ? answer : null);
    } catch {
      // The app finds out what is wrong with it.
    }
  }

  // `fetch` holds the WebAssembly against its hash; a preload would not.
  const app = document.querySelector("meta[name=app]");
  const address = (path) => new URL(path, document.baseURI);
  const wasm = fetch(address(app.dataset.wasm), { integrity: app.dataset.integrity });

  let keeps = true;
  try {
    keeps = window.localStorage !== null;
  } catch {
    keeps = false;
  }

  // A preference is an attribute of the page, such as `data-theme`, for the style and for the app.
  // Storage is shared with whatever else lies on this origin: only its own names are taken.
  const PREFERENCES =
    ["theme", "language", "density", "hidden-columns", "shown-columns", "layout", "switched-off"];
  for (const name of PREFERENCES) {
    const value = stored("localStorage", `occam-keys.${name}`);
    if (value !== null) html.setAttribute(`data-${name}`, value);
  }
  // What is chosen within an element that names a preference, by whomever it was drawn: of radio
  // buttons or a select the value, of checkboxes the values that are not checked; or those that are,
  // of what is `shown-…`.
  document.addEventListener("change", ({ target }) => {
    const place = target.closest("[data-preference]");
    if (!place) return;
    const name = place.dataset.preference;
    let { value } = target;
    if (target.type === "checkbox") {
      const listed = name.startsWith("shown");
      const named = [...place.querySelectorAll("input")].filter((it) => it.checked === listed);
      value = named.map((it) => it.value).join(" ");
    }
    html.setAttribute(`data-${name}`, value);
    try {
      window.localStorage.setItem(`occam-keys.${name}`, value);
    } catch {
      // The choice then lasts until the page is left.
      return;
    }
    // Every word is another one: the page begins anew, where it is.
    if (name === "language") window.location.reload();
  });

  // The language that was chosen, else the first of the browser's that there is; else English,
  // which is in the page and in the app. Until the words of another one are there, the style keeps
  // the page from being seen in English, for a moment at most.
  const files = new Map();
  for (const file of document.querySelectorAll("meta[data-words]")) files.set(file.content, file);
  const wanted = [html.dataset.language ?? "", ...navigator.languages];
  const spoken = wanted.map((tag) => tag.split("-")[0]).find((it) => it === "en" || files.has(it));
  const speak = (language) => {
    html.lang = language;
    html.dir = files.get(language)?.dir || "ltr";
  };
  let words = {};
  const tr = (text) => words[text] ?? text;
  const fetchWords = async ({ content, dataset }) => {
    speak(content);
    html.dataset.wordless = "";
    try {
      const file = new URL(dataset.words, document.baseURI);
      const signal = AbortSignal.timeout(10_000);
      const answer = await fetch(file, { integrity: dataset.integrity, signal });
      if (!answer.ok) throw new TypeError(answer.statusText);
      words = await answer.json();
      // The app asks for its words here.
      window.occamKeysWords = words;
    } catch {
      speak("en");
    }
  };
  const worded = files.has(spoken) ? fetchWords(files.get(spoken)) : Promise.resolve();
  const translate = () => {
    const texts = document.createTreeWalker(html, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      const found = text.parentElement.closest("[translate=no]") ? null : words[text.data.trim()];
      if (found) text.data = found;
    }
    byId("language").value = html.lang;
    delete html.dataset.wordless;
  };

  const shown = new Set();
  const show = (id) => {
    shown.add(id);
    const words = byId(id);
    if (words) words.hidden = false;
  };
  // The page is parsed with its words of failure on show. They are hidden as soon as they are
  // there, which is before they can be drawn. The last part of the page is the link to the style,
  // for whose file the parser waits, and nothing else does.
  const parsed = new Promise((resolve) => {
    const look = () => {
      if (byId("failure")) byId("failure").hidden = !shown.has("failure");
      if (!document.querySelector("link[rel=stylesheet]")) return;
      observer.disconnect();
      resolve();
    };
    const observer = new MutationObserver(look);
    observer.observe(html, { childList: true, subtree: true });
    look();
  });
  parsed.then(() => shown.forEach(show));

  let started = false;
  const fail = () => {
    show("failure");
    // Not everything works.
    shown.delete("plain");
    if (byId("plain")) byId("plain").hidden = true;
    delete html.dataset.starting;
    const form = byId("sign-in-form");
    if (form) release(form);
    // It takes the place of the form, and is what the page is about.
    parsed.then(() => {
      if (!byId("sign-in").hidden) byId("sign-in").prepend(byId("failure"));
    });
  };
  const failOfApi = () => {
    show("failure-api");
    fail();
  };

  // The page never navigates by a form. Until the app has adopted the sign-in form, its submit is
  // held and the app does it later.
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.id !== "sign-in-form" || "adopted" in form.dataset || shown.has("failure")) return;
    form.dataset.held = "";
    byId("sign-in-submit").textContent = tr("Signing in…");
  });

  // Nobody is going to take over a form that the app has not adopted.
  const release = (form) => {
    if ("adopted" in form.dataset) return;
    delete form.dataset.held;
    byId("sign-in-submit").textContent = tr("Sign in");
    byId("sign-in-submit").disabled = true;
    byId("password").value = "";
  };

  // A page that Back brings back as it was may show what a sign-out has ended since.
  window.addEventListener("pageshow", (event) => {
    const showsSession = byId("sign-in")?.hidden;
    if (event.persisted && showsSession && stored("sessionStorage", "occam-keys.session") === null) {
      window.location.reload();
    }
  });

  // A file that is missing or is not the one of its hash, and whatever else keeps the app from
  // starting. Once it has started, it speaks for itself. The file of this script is not missed: it
  // runs already.
  window.addEventListener("error", ({ target }) => {
    if (target instanceof HTMLLinkElement) {
      if (target.rel === "stylesheet" && !shown.has("failure")) show("plain");
    } else if (!started && target.id !== "boot") {
      fail();
    }
  }, true);

  if (!fits) return failOfApi();
  document.addEventListener("securitypolicyviolation", (event) => {
    const isOfApi = api !== "" && event.blockedURI.startsWith(api);
    if (event.effectiveDirective === "connect-src" && isOfApi) failOfApi();
  });

  wasm.catch(fail);

  // Nothing behind the sign-in is drawn before the whole style is there, or will not be.
  const styled = new Promise((go) => {
    for (const outcome of ["load", "error"]) {
      document.addEventListener(outcome, ({ target }) => target.rel === "stylesheet" && go(), true);
    }
    if (document.querySelector("link[rel=stylesheet]")?.sheet) go();
    setTimeout(go, 3_000);
  });

  // What is not needed at first is in files of their own, which the app asks for here by their
  // names. Those for what is behind the sign-in are fetched at once for a user who is signed in.
  // One that did not come is fetched anew when it is asked for again, and not from the browser's
  // cache, in which a broken file may be.
  const chunks = new Map();
  const broken = new Set();
  const fetchChunk = async (name) => {
    const meta = document.querySelector(`meta[name=chunk][content=${name}]`);
    const { chunk, integrity } = meta.dataset;
    const cache = broken.has(name) ? "reload" : "default";
    const signal = AbortSignal.timeout(60_000);
    const answer = await fetch(address(chunk), { integrity, cache, signal });
    // What is compiled from the answer itself waits for no further turn of a thread that is busy
    // with the start. A server may call it something else.
    const isTyped = answer.headers.get("content-type") === "application/wasm";
    const module = await (isTyped
      ? WebAssembly.compileStreaming(answer)
      : WebAssembly.compile(await answer.arrayBuffer()));
    await styled;
    return module;
  };
  window.occamKeysChunk = (name) => {
    if (!chunks.has(name)) {
      chunks.set(name, fetchChunk(name).catch((error) => {
        chunks.delete(name);
        broken.add(name);
        throw error;
      }));
    }
    return chunks.get(name);
  };
  if (session !== null) {
    for (const name of ["shared", "workspace"]) window.occamKeysChunk(name).catch(() => {});
  }

  // A broken file may be in the browser's cache, which keeps the files whose names carry a hash
  // for good: they are fetched anew before the page is.
  const reload = async (files) => {
    const anew = { cache: "reload", signal: AbortSignal.timeout(10_000) };
    await Promise.allSettled(files.map((file) => fetch(file, anew)));
    window.location.reload();
  };

  parsed.then(() => {
    for (const input of document.querySelectorAll(".foot input")) {
      input.checked = input.value === (html.dataset.theme ?? "system");
    }
    // A language that cannot be kept would be gone with the page that is asked for in it.
    byId("language").closest("label").hidden = !keeps;

    document.querySelector("#failure a").addEventListener("click", (event) => {
      event.preventDefault();
      const styles = [...document.querySelectorAll("link[rel=stylesheet]")].map((it) => it.href);
      reload([address(app.content), address(app.dataset.wasm), ...styles]);
    });
    const translated = worded.then(translate);
    Promise.all([import(address(app.content)), translated])
      .then(([module]) => module.default({ module_or_path: wasm }))
      .then(() => {
        started = true;
      })
      .catch(fail);
  });
})();
