// The physical limit: no more than the tasks need, by hand. Rows are recycled, only those in sight
// are in the document, the search is over prepared text, the sort over places.

const ROW = 44;
const MARGIN = 8;
const one = (selector) => document.querySelector(selector);
const [form, main, body] = [one("#sign-in"), one("main"), one("tbody")];
const [search, status] = [one("[type=search]"), one("[role=status]")];
const session = JSON.parse(sessionStorage.session ?? "null");
let token = session?.access_token;
let keys = [];
let view = [];
let sort = { by: "created", sign: 1 };
const times = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const ask = async (method, path, body) => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (answer.status === 401) signOut();
  if (!answer.ok) throw new Error(`The Key API answers ${answer.status}.`);
  return answer.json();
};

const signOut = () => {
  sessionStorage.clear();
  location.reload();
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/auth/access-token", {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
  });
  const said = await answer.json();
  if (!answer.ok) {
    one("[role=alert]").textContent = said.detail;
    return;
  }
  sessionStorage.session = JSON.stringify(said);
  token = said.access_token;
  form.reset();
  open(ask("GET", "/keys/"));
});

const open = async (asked) => {
  form.hidden = true;
  main.hidden = false;
  keys = await asked;
  for (const key of keys) key.text = `${key.name}\n${key.api_key}\n${key.uuid}`.toLowerCase();
  arrange();
};

const arrange = () => {
  const text = search.value.trim().toLowerCase();
  view = text ? keys.filter((key) => key.text.includes(text)) : keys.slice();
  const { by, sign } = sort;
  view.sort((a, b) => (a[by] < b[by] ? -sign : a[by] > b[by] ? sign : 0));
  const shown = view.length === keys.length ? "" : `${view.length} of `;
  status.textContent = `${shown}${keys.length} keys`;
  for (const button of document.querySelectorAll("[data-sort]")) {
    const order = sign > 0 ? "ascending" : "descending";
    button.parentElement.ariaSort = button.dataset.sort === by ? order : "none";
  }
  draw();
};

const [above, below] = [0, 1].map(() => {
  const row = document.createElement("tr");
  row.className = "gap";
  row.innerHTML = "<td colspan=5></td>";
  return row;
});
body.append(above, below);
const pool = [];

const makeRow = () => {
  const row = document.createElement("tr");
  row.innerHTML = "<td></td><td></td><td></td><td></td><td><button>Revoke</button></td>";
  return row;
};

const time = (text) => times.format(new Date(text));

const draw = () => {
  const top = scrollY - (body.getBoundingClientRect().top + scrollY);
  const shown = Math.ceil(innerHeight / ROW) + 2 * MARGIN;
  const last = Math.max(0, view.length - shown);
  const first = Math.min(last, Math.max(0, Math.floor(top / ROW) - MARGIN));
  const count = Math.min(shown, view.length - first);
  while (pool.length < count) pool.push(makeRow());
  while (body.children.length - 2 > count) below.previousElementSibling.remove();
  for (let at = 0; at < count; at += 1) {
    const [row, key] = [pool[at], view[first + at]];
    if (!row.parentElement) below.before(row);
    if (row.key === key) continue;
    row.key = key;
    const cells = row.children;
    cells[0].textContent = key.name;
    cells[1].textContent = key.api_key;
    cells[2].textContent = time(key.created);
    cells[3].textContent = key.last_used === key.created ? "Never used" : time(key.last_used);
  }
  above.firstChild.style.height = `${first * ROW}px`;
  below.firstChild.style.height = `${(view.length - first - count) * ROW}px`;
};

let asked = 0;
const later = () => {
  asked ||= requestAnimationFrame(() => {
    asked = 0;
    draw();
  });
};
addEventListener("scroll", later, { passive: true });
addEventListener("resize", later);
search.addEventListener("input", arrange);

one("thead").addEventListener("click", ({ target }) => {
  const by = target.dataset.sort;
  if (!by) return;
  sort = { by, sign: sort.by === by ? -sort.sign : 1 };
  arrange();
});

const create = one("#create-dialog");
one("#create").addEventListener("click", () => create.showModal());
create.firstElementChild.addEventListener("submit", async (event) => {
  if (event.submitter?.value !== "create") return;
  event.preventDefault();
  const made = await ask("PUT", "/keys/", { name: create.querySelector("input").value });
  create.querySelector("output").textContent = made.api_key;
  open(ask("GET", "/keys/"));
});

const revoke = one("#revoke-dialog");
let meant;
body.addEventListener("click", ({ target }) => {
  if (target.tagName !== "BUTTON") return;
  meant = target.closest("tr").key;
  revoke.querySelector("span").textContent = meant.name;
  revoke.returnValue = "";
  revoke.showModal();
});
revoke.addEventListener("close", async () => {
  if (revoke.returnValue !== "revoke") return;
  const key = meant;
  await ask("DELETE", `/keys/${key.uuid}`);
  keys = keys.filter((it) => it !== key);
  arrange();
});

if (token) open(ask("GET", "/keys/"));
