// Tries what the policy of the page forbids, and keeps what happened by its name. It is served as
// a file of the page's own origin: a script that a driver runs in the page is above the policy.
// `ELSEWHERE` stands in front of it.
(async () => {
  const happened = {};
  const attempt = async (name, what) => {
    try {
      // Some browsers never say that a thing has been kept from happening.
      const never = new Promise((resolve) => setTimeout(resolve, 2000));
      happened[name] = (await Promise.race([what(), never])) === true;
    } catch {
      happened[name] = false;
    }
  };
  const by = (id) => document.getElementById(id);
  const loads = (element, source) => new Promise((resolve) => {
    element.onload = () => resolve(true);
    element.onerror = () => resolve(false);
    element.src = source;
  });
  const becomes = (holds) => new Promise((resolve) => {
    const look = () => (holds() ? resolve(true) : setTimeout(look, 10));
    look();
  });
  const makes = (name, html) => attempt(name, () => {
    const host = document.createElement("div");
    document.body.append(host);
    html(host);
    return document.querySelector("b.made") !== null;
  });
  const picture = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
  const module = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

  await attempt("WebAssembly", async () => (await WebAssembly.compile(module)) instanceof WebAssembly.Module);
  await attempt("a script in the page", () => window.inlineRan);
  await attempt("a script of another origin", () => window.foreignRan);
  await attempt("a script without a hash", () => window.plainRan);
  await attempt("an attribute with a script", () => {
    by("attempt-handler").click();
    return window.handlerRan;
  });
  await attempt("an address with a script", () => {
    by("attempt-link").click();
    return becomes(() => window.linkRan);
  });
  await attempt("a style in the page", () => getComputedStyle(by("attempt-style")).color === "rgb(1, 2, 3)");
  await attempt("an attribute with a style", () => getComputedStyle(by("attempt-attribute")).color === "rgb(1, 2, 3)");
  await attempt("eval", () => eval("true"));
  await attempt("new Function", () => new Function("return true")());
  await attempt("a timer with a text", () => {
    setTimeout("window.timerRan = true");
    return becomes(() => window.timerRan);
  });
  await makes("innerHTML", (host) => { host.innerHTML = "<b class=made></b>"; });
  document.querySelector("b.made")?.remove();
  await makes("insertAdjacentHTML", (host) => { host.insertAdjacentHTML("beforeend", "<b class=made></b>"); });
  document.querySelector("b.made")?.remove();
  await makes("a fragment of a text", (host) => {
    host.append(document.createRange().createContextualFragment("<b class=made></b>"));
  });
  document.querySelector("b.made")?.remove();
  await attempt("a script's address of a text", () => {
    document.createElement("script").src = "/__plain.js";
    return true;
  });
  await attempt("a policy for trusted types", () => trustedTypes.createPolicy("own", {}) !== null);
  await attempt("a picture of data", () => loads(new Image(), picture));
  await attempt("a picture of another origin", () => loads(new Image(), `${ELSEWHERE}/__picture.svg`));
  await attempt("a call to another origin", async () => (await fetch(`${ELSEWHERE}/__open.json`)).ok);
  await attempt("a worker", () => new Promise((resolve) => {
    const worker = new Worker("/__plain.js");
    worker.onmessage = () => resolve(true);
    worker.onerror = () => resolve(false);
  }));
  await attempt("a frame", async () => {
    const frame = document.createElement("iframe");
    frame.src = "/__framed.html";
    const loaded = new Promise((resolve) => { frame.onload = resolve; });
    document.body.append(frame);
    await loaded;
    return frame.contentDocument?.title === "framed";
  });
  await attempt("another base", () => {
    const base = document.createElement("base");
    base.href = `${ELSEWHERE}/`;
    document.head.prepend(base);
    const moved = document.baseURI.startsWith(ELSEWHERE);
    base.remove();
    return moved;
  });
  window.attempts = happened;
})();
