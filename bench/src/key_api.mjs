// The real Key API, on a throw-away database with one account for each length of the list.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PASSWORD = "correct-horse-battery-staple";
const LISTENING = "key-api: listening on ";

/** Every so many-th key has the word in its name that is searched for. */
const FOUND_EVERY = 500;
export const SEARCHED = "nightly";

/** Requests that go on at the same time while keys are made. */
const HANDS = 4;

/** Of a key: padded, so that the order of the characters is the order of the numbers. */
function nameOf(number) {
  const digits = String(number).padStart(5, "0");
  const kind = ["web", "billing", "mail"][number % 3];
  return `${number % FOUND_EVERY === 7 ? SEARCHED : "service"} ${digits} of ${kind}`;
}

export function account(length) {
  return { email: `keys-${length}@example.com`, password: PASSWORD };
}

/** How many names of a list of this length have the word in them. */
export function found(length) {
  return Array.from({ length }, (_, number) => nameOf(number)).filter((name) =>
    name.startsWith(SEARCHED),
  ).length;
}

/**
 * Starts the program on a new database, with an account for each of `lengths` that has so many
 * keys, made by the API's own operation. Gives its origin and ways to ask it.
 */
export async function startKeyApi(program, lengths) {
  const folder = await mkdtemp(join(tmpdir(), "occam-keys-bench-"));
  const database = join(folder, "keys.sqlite");
  for (const length of lengths) await addUser(program, database, account(length));
  const serve = ["serve", "--listen", "127.0.0.1:0", "--database", database];
  const server = spawn(program, serve, { stdio: ["ignore", "pipe", "ignore"] });
  // However this program ends: a server that nobody stops would go on.
  process.once("exit", () => server.kill());
  const origin = await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`key-api ended at its start (${code})`)));
    let said = "";
    server.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
      const line = said.split("\n").find((it) => it.startsWith(LISTENING));
      if (line) resolve(line.slice(LISTENING.length).trim().replace(/\/$/, ""));
    });
  });
  const api = new KeyApi(origin);
  for (const length of lengths) await api.fill(length);
  const stop = async () => {
    server.removeAllListeners("exit");
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { api, origin, stop };
}

async function addUser(program, database, { email, password }) {
  const options = ["user", "add", email, "--password-stdin", "--database", database];
  const child = spawn(program, options, { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.end(`${password}\n`);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error(`key-api made no user (${code})`);
}

/** The API as a program uses it. */
class KeyApi {
  #origin;
  #tokens = new Map();

  constructor(origin) {
    this.#origin = origin;
  }

  async fill(length) {
    await this.#signIn(length);
    let next = 0;
    const hand = async () => {
      while (next < length) await this.create(length, nameOf(next++));
    };
    await Promise.all(Array.from({ length: HANDS }, hand));
  }

  async create(length, name) {
    await this.#ask(length, "PUT", "/keys/", { name });
  }

  keys(length) {
    return this.#ask(length, "GET", "/keys/");
  }

  /** Takes away what a run has left behind: every key whose name is not of the list's own. */
  async restore(length) {
    for (const { name, uuid } of await this.keys(length)) {
      if (!/ of (web|billing|mail)$/.test(name)) await this.#ask(length, "DELETE", `/keys/${uuid}`);
    }
  }

  async #signIn(length) {
    const { email, password } = account(length);
    const body = new URLSearchParams({ username: email, password });
    const answer = await fetch(`${this.#origin}/auth/access-token`, { method: "POST", body });
    if (!answer.ok) throw new Error(`the Key API refuses to sign in (${answer.status})`);
    this.#tokens.set(length, (await answer.json()).access_token);
  }

  async #ask(length, method, path, body, again = true) {
    const headers = { authorization: `Bearer ${this.#tokens.get(length)}` };
    if (body) headers["content-type"] = "application/json";
    const request = { method, headers, body: body && JSON.stringify(body) };
    const answer = await fetch(this.#origin + path, request);
    if (answer.status === 401 && again) {
      await this.#signIn(length);
      return this.#ask(length, method, path, body, false);
    }
    if (!answer.ok) throw new Error(`the Key API answers ${answer.status} to ${method} ${path}`);
    return answer.json();
  }
}
