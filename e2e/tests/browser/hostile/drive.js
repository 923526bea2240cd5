// Puts every payload into every field of the app, one after the other, as a user would come by
// them. `PAYLOADS` stands in front of it. What is wrong is returned, one line each.
const wrong = [];
let checks = 0;
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;
const shown = (text) => text.replace(
  hidden,
  (it) => `⟨U+${it.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
);
// The button asks for nothing while an answer is awaited.
const refresh = async () => {
  const isIdle = () => one("main [aria-busy=false]");
  await until("the last answer", isIdle);
  const before = __api.reads;
  await press("Refresh");
  await until("the next answer", () => __api.reads > before && isIdle());
};
const dialog = (title) => until(`the dialog ${title}`, () => {
  const open = one("dialog[open]");
  return one("h2", open ?? document)?.textContent === title && open;
});

// What kinds of elements there are besides those of the app.
const strangers = () => all("img, iframe, object, embed, base, form[action], script, link, style, video, audio, b, marquee").length;
const before = strangers();
const isSafe = (field, payload) => {
  checks += 1;
  const say = (what) => wrong.push(`${field} with ${JSON.stringify(payload)}: ${what}`);
  if (window.__pwn !== undefined) {
    say("it ran");
    delete window.__pwn;
  }
  if (strangers() !== before) say("it became an element");
  for (const event of window.__watch.events.splice(0)) say(`${event.kind} ${event.text}`);
  if (hidden.test(document.body.innerText.replace(/[\n\t]/g, ""))) say("something in sight is hidden");
  hidden.lastIndex = 0;
};
// The payload stands there as text, in an element that isolates it.
const isShown = (field, payload, root, text = shown(payload)) => {
  const holder = all("bdi", root).find((it) => it.textContent.includes(text));
  if (!holder) wrong.push(`${field} with ${JSON.stringify(payload)}: reads ${root.textContent}`);
  else if (getComputedStyle(holder).unicodeBidi !== "isolate") wrong.push(`${field} is not isolated`);
  isSafe(field, payload);
};
const isEqual = (field, payload, actual, expected) => {
  if (actual !== expected) wrong.push(`${field} with ${JSON.stringify(payload)}: is ${actual}`);
  isSafe(field, payload);
};
const uuid = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const now = new Date().toISOString();
const key = (name, number) => ({ uuid: uuid(number), name, api_key: name, created: now, last_used: null });
const used = (name, number) => ({ ...key(name, number), last_used: new Date(Date.now() + 1000).toISOString() });
const rows = (count) => until(`${count} rows`, () => {
  const found = all("tbody tr");
  return one("[aria-busy=false]") && found.length === count && found;
});
const list = async (keys) => {
  __api.keys = keys;
  await refresh();
  // A row is made once per key, so that the old ones go first.
  return rows(keys.length);
};
const forget = async () => {
  __api.keys = [];
  await refresh();
  await until("no keys", () => all("h2").some((it) => it.textContent === "No API keys yet"));
};

const signIn = async () => {
  await until("the app", () => one("form[data-adopted]"));
  for (const payload of PAYLOADS) {
    __api.signIn = { detail: payload };
    one("#username").value = "somebody";
    one("#password").value = "something";
    one("#sign-in-submit").click();
    await until("a complaint", () => one("#sign-in-error").textContent === shown(payload));
    isSafe("the error at the sign-in form", payload);
    one("#sign-in-error").textContent = "";
  }
  __api.signIn = null;
  const username = PAYLOADS.join(" ").replaceAll(/[\n\r]/g, " ");
  one("#username").value = username;
  one("#password").value = "something";
  one("#sign-in-submit").click();
  await until("the keys", () => one("#app h1"));
  isShown("the user name", username, one(".username"));
  isEqual("the title of the user name", username, one(".username").title, shown(username));
};

const table = async () => {
  const found = await list(PAYLOADS.map(used));
  for (const row of found) {
    const payload = PAYLOADS[Number(row.dataset.key.slice(-12))];
    isShown("the name in the table", payload, one("[role=rowheader]", row));
    isShown("the masked key", payload, one("code", row));
    isEqual("the name of a link", payload, one("a", row).getAttribute("aria-label"), `Usage of ${shown(payload)}`);
    await button(`Revoke ${shown(payload)}`, row);
  }
};

const pages = async () => {
  for (const [number, payload] of PAYLOADS.entries()) {
    location.hash = `#/keys/${uuid(number)}`;
    await until("the page of a key", () => one("#app h1")?.textContent === shown(payload));
    const chart = await until("the chart of a key", () => one("svg[role=img]")?.getAttribute("aria-label").startsWith(`Usage of ${shown(payload)}:`) && one("svg[role=img]"));
    isShown("the heading", payload, one("#app h1"));
    isShown("the masked key on the page", payload, one(".facts code"));
    isEqual("the title", payload, document.title, `${shown(payload).replace(/\s+/g, " ").trim()} · Occam Keys`);
    isSafe("the label of the chart", chart.getAttribute("aria-label"));
  }
  location.hash = "#/keys";
  await rows(PAYLOADS.length);
};

const errors = async () => {
  for (const payload of PAYLOADS) {
    __api.list = { detail: payload };
    await refresh();
    const notice = await until("the warning", () => one("[role=status] bdi")
      && all("[role=status]").find((it) => it.textContent === `This list may be out of date. ${shown(payload)}`));
    isShown("the error of the list", payload, notice);
    __api.list = null;
    await refresh();
    await until("all to be well", () => !all("[role=status]").some((it) => it.textContent.startsWith("This list")));
  }
};

const revocations = async () => {
  for (const payload of PAYLOADS) {
    await press(`Revoke ${shown(payload)}`);
    const open = await dialog(`Revoke “${shown(payload)}”?`);
    isShown("the title of the dialog", payload, one("h2", open));
    isShown("the masked key in the dialog", payload, one(".facts", open));
    isShown("the name to be typed", payload, one("label", open));
    await press("Revoke key", open);
    const complaint = await until("the complaint", () => one("#revoke-name-error").textContent && one("#revoke-name-error"));
    isShown("the complaint", payload, complaint);
    type(one("#revoke-name"), shown(payload));
    await press("Revoke key", open);
    await closed();
    const notice = await until("the notice", () => all(".notice").find((it) => it.textContent.startsWith(`Revoked “${shown(payload)}”.`)));
    isShown("the notice", payload, notice);
  }
};

const creations = async () => {
  let made = 0;
  for (const payload of PAYLOADS) {
    // A key of such a name can only come from elsewhere.
    if (/[\u0000-\u001f\u007f-\u009f]/u.test(payload) || [...payload].length > 100) continue;
    made += 1;
    __api.create = { detail: [{ loc: ["body", "name"], msg: payload, type: "t", input: payload }] };
    await press("Create key");
    await dialog("Create an API key");
    type(one("#key-name"), payload);
    await press("Create", one("dialog[open]"));
    await until("the complaint", () => one("#key-name-error").textContent === shown(payload));
    isShown("a message of a 422", payload, one("#key-name-error"));
    __api.create = { detail: [{ loc: ["body"], msg: payload, type: "t" }] };
    await press("Create", one("dialog[open]"));
    await until("the complaint", () => one(".form-error", one("dialog[open]")).textContent === shown(payload));
    isShown("a message of a 422 about all", payload, one("dialog[open]"));
    __api.create = null;
    await press("Create", one("dialog[open]"));
    const open = await dialog(`Copy the key “${shown(payload)}” now`);
    isShown("the title of the new key", payload, one("h2", open));
    await press("I have saved it", open);
    await press("Close without copying", open);
    await closed();
  }
  return made;
};

// Where everything is that stands beside a name.
const places = async (name) => {
  await forget();
  const found = await list([key(name, 1), key("neighbour", 2)]);
  const parts = found.flatMap((row) => [...row.children, ...all("code, .when, .button", row)]);
  const own = found.map((row) => one("bdi", one("[role=rowheader]", row))).filter((it) => it.textContent === "neighbour");
  return [...parts, ...own].map((part) => {
    const { x, y, width, height } = part.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join(" ");
  }).join("\n");
};
const bleeding = async () => {
  for (const it of "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c") {
    const hostile = `${it}ci-bot ${it}gnp.exe 123`;
    // The same to the eye, without its effect.
    const plain = shown(hostile).replaceAll("⟨U", "⟨V");
    const [harmless, harmful] = [await places(plain), await places(hostile)];
    if (harmless !== harmful) wrong.push(`${shown(it)} moves its neighbours:\n${harmless}\n${harmful}`);
    checks += 1;
  }
};

return (async () => {
  let made = 0;
  try {
    await signIn();
    await until("no keys", () => all("h2").some((it) => it.textContent === "No API keys yet"));
    await table();
    await pages();
    await errors();
    await revocations();
    made = await creations();
    await bleeding();
    await forget();
  } catch (error) {
    wrong.push(String(error), String(error.stack), document.body.innerText);
  }
  return { wrong, checks, made };
})();
