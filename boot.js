// What has to happen before the app is there: the theme, the start, and holding an early submit.
// It runs before the body is parsed, so that the first frame is right.
(() => {
  "use strict";
  const html = document.documentElement;

  // Storage may be refused; then the theme is the system's and nobody is signed in.
  const stored = (storage, name) => {
    try {
      return window[storage].getItem(name);
    } catch {
      return null;
    }
  };

  const showTheme = (theme) => {
    if (theme === "light" || theme === "dark") html.dataset.theme = theme;
    else delete html.dataset.theme;
  };
  showTheme(stored("localStorage", "occam-keys.theme"));

  // A user who is signed in does not see the sign-in form while the app starts.
  if (stored("sessionStorage", "occam-keys.session") !== null) html.dataset.starting = "";

  // The page never navigates by a form. Until the app has adopted the sign-in form, its submit is
  // held and the app does it later.
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.id !== "sign-in-form" || "adopted" in form.dataset) return;
    form.dataset.held = "";
    document.getElementById("sign-in-submit").textContent = "Signing in…";
  });

  // A page that Back brings back as it was may show what a sign-out has ended since.
  window.addEventListener("pageshow", (event) => {
    const showsSession = document.getElementById("sign-in")?.hidden;
    if (event.persisted && showsSession && stored("sessionStorage", "occam-keys.session") === null) {
      window.location.reload();
    }
  });

  const fail = () => {
    delete html.dataset.starting;
    document.getElementById("failure").hidden = false;
  };

  // A broken file may be in the browser's cache, which keeps the files whose names carry a hash
  // for good: they are fetched anew before the page is. By other credentials than the page's own
  // preloads have, or one of those would be the answer.
  const reload = async (files) => {
    const signal = AbortSignal.timeout(10_000);
    const anew = { cache: "reload", credentials: "include", signal };
    await Promise.allSettled(files.map((file) => fetch(file, anew)));
    window.location.reload();
  };

  document.addEventListener("DOMContentLoaded", () => {
    const theme = document.getElementById("theme");
    for (const choice of theme.querySelectorAll("input")) {
      choice.checked = choice.value === (html.dataset.theme ?? "system");
    }
    theme.addEventListener("change", (event) => {
      showTheme(event.target.value);
      try {
        window.localStorage.setItem("occam-keys.theme", event.target.value);
      } catch {
        // The choice then lasts until the page is left.
      }
    });

    const app = document.querySelector("meta[name=app]");
    const address = (path) => new URL(path, document.baseURI);
    document.querySelector("#failure a").addEventListener("click", (event) => {
      event.preventDefault();
      const styles = [...document.querySelectorAll("link[rel=stylesheet]")].map((it) => it.href);
      reload([address(app.content), address(app.dataset.wasm), ...styles]);
    });
    import(address(app.content))
      .then((module) => module.default({ module_or_path: address(app.dataset.wasm) }))
      .catch(fail);
  });
})();
