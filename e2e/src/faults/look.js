// What a user, and who checks on their behalf, can tell of the page at this moment.
const shown = (element) => element.checkVisibility({ visibilityProperty: true });
const text = (element) => (element.innerText ?? "").trim();
const all = (selector, root = document) => [...root.querySelectorAll(selector)].filter(shown);
const body = document.body;
if (!body || !window.__probe) {
  return {
    messages: "", page: body ? text(body) : "", headings: [], names: [], buttons: [],
    form: false, adopted: false, chart: false, dialog: false, session: false, busy: false,
    focus: "", probed: false,
  };
}
const open = [...document.querySelectorAll("dialog")].filter((one) => one.matches(":modal"));
const root = open.at(-1) ?? document;
let session = false;
try {
  session = sessionStorage.getItem("occam-keys.session") !== null;
} catch {
  // Then it holds none.
}
const focus = document.activeElement;
return {
  messages: all("[role=alert], [role=status], [aria-live=polite], [aria-live=assertive]")
    .map(text).filter(Boolean).join("\n"),
  page: text(body),
  headings: all("h1, h2, h3").map(text),
  names: all("[role=rowheader]").map((row) => text(row.querySelector("bdi") ?? row)),
  buttons: all("button, a[href]", root)
    .filter((one) => !one.disabled && one.ariaDisabled !== "true" && !one.closest("[inert]"))
    .map(text),
  form: all("#sign-in-form").length > 0,
  adopted: document.getElementById("sign-in-form")?.dataset.adopted !== undefined,
  chart: all("svg[role=img]").length > 0,
  dialog: open.length > 0,
  session,
  busy: all("[aria-busy=true]", root).length > 0,
  focus: !focus || focus === body ? "" : `${focus.localName}#${focus.id}`,
  probed: true,
};
