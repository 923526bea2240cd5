// The memory of a page as its user has it. Whoever listens to the network of a page has the browser
// keep copies of all that comes, and a driver of browsers always listens. So this one is driven by
// hand, and with no more than it takes.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OPTIONS, PROBE, VIEWPORT } from "./browser.mjs";
import { account } from "./key_api.mjs";
import { selectors } from "./sites.mjs";
import { PATIENCE } from "./tasks.mjs";

/**
 * Signs in, reloads the page and lets it come to rest: the private memory of its renderer then, in
 * bytes, after its garbage was collected.
 */
export async function memory(executable, origin, site, length) {
  const bare = new Bare();
  try {
    await bare.start(executable);
    return await Promise.race([measured(bare, origin, site, length), bare.failed()]);
  } finally {
    await bare.stop();
  }
}

async function measured(bare, origin, site, length) {
  await bare.attach();
  const bench = (name, ...options) => {
    return bare.evaluate(`bench.${name}(${options.map((it) => JSON.stringify(it)).join(", ")})`);
  };
  await bare.load("Page.navigate", { url: origin });
  await bench("until", selectors(site), "seen", { selector: site.submit }, PATIENCE);
  await bench("rest");
  await bench("enter", selectors(site), account(length), 10, PATIENCE);
  await bench("rest");
  await bare.load("Page.reload");
  if (!(await bench("reloaded", selectors(site), 10, PATIENCE))) throw new Error("no rows came");
  await bench("rest");
  await bare.send("HeapProfiler.collectGarbage");
  return { memory: await privateMemory(await bare.renderer()), faults: [] };
}

/** A browser with one page, at the end of a pipe that speaks the DevTools protocol. */
class Bare {
  #process;
  #ended;
  #profile;
  /** What the page is called. */
  #session;
  /** What was asked and has no answer. */
  #asked = new Map();
  /** Who waits for a page. */
  #waiting = [];
  #last = 0;

  async start(executable) {
    this.#profile = await mkdtemp(join(tmpdir(), "occam-keys-bench-profile-"));
    const own = ["--remote-debugging-pipe", `--user-data-dir=${this.#profile}`, "about:blank"];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
    this.#process = spawn(executable, [...OPTIONS, ...own], { stdio });
    this.#ended = new Promise((done) => {
      for (const end of ["error", "exit"]) this.#process.once(end, done);
      // Who writes to one that has ended hears of it here.
      this.#process.stdio[3].on("error", done);
    });
    this.#listen(this.#process.stdio[4]);
  }

  /** Begins to speak with the page. */
  async attach() {
    const { targetInfos } = await this.send("Target.getTargets");
    const { targetId } = targetInfos.find(({ type }) => type === "page");
    const attached = await this.send("Target.attachToTarget", { targetId, flatten: true });
    this.#session = attached.sessionId;
    await this.send("Page.enable");
    const source = await readFile(PROBE, "utf8");
    await this.send("Page.addScriptToEvaluateOnNewDocument", { source });
    const screen = { ...VIEWPORT, deviceScaleFactor: 1, mobile: false };
    await this.send("Emulation.setDeviceMetricsOverride", screen);
  }

  #listen(pipe) {
    let rest = "";
    pipe.setEncoding("utf8").on("data", (text) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      for (const message of messages) this.#hear(JSON.parse(message));
    });
  }

  #hear({ id, error, result, method }) {
    if (method === "Page.loadEventFired") for (const done of this.#waiting.splice(0)) done();
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    if (error) asked.reject(new Error(error.message));
    else asked.resolve(result);
  }

  send(method, params = {}) {
    const id = ++this.#last;
    const isOfBrowser = /^(Target|SystemInfo)\./.test(method);
    const sessionId = isOfBrowser ? undefined : this.#session;
    this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  /** Does what loads a page, and waits until it has. */
  async load(method, params) {
    const loaded = new Promise((done) => this.#waiting.push(done));
    await this.send(method, params);
    await loaded;
  }

  async evaluate(expression) {
    const how = { awaitPromise: true, returnByValue: true };
    const answer = await this.send("Runtime.evaluate", { expression, ...how });
    const { result, exceptionDetails } = answer;
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? "a fault");
    return result.value;
  }

  /**
   * The process of the page. The browser has another renderer, for its own surfaces, and does not
   * say which is which: it is the one that works while the page does.
   */
  async renderer() {
    const times = async () => {
      const { processInfo } = await this.send("SystemInfo.getProcessInfo");
      const renderers = processInfo.filter(({ type }) => type === "renderer");
      return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]));
    };
    const before = await times();
    await this.evaluate("bench.work()");
    const after = await times();
    const worked = [...after].map(([id, time]) => [id, time - (before.get(id) ?? 0)]);
    return worked.reduce((most, it) => (it[1] > most[1] ? it : most))[0];
  }

  /** Fails when the browser ends: what it was asked it will not answer. */
  async failed() {
    await this.#ended;
    throw new Error("the browser has ended");
  }

  async stop() {
    this.#process?.kill();
    await this.#ended;
    // What the browser has begun to write it may still write.
    if (this.#profile) await rm(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** In bytes, by what Linux says of a process. */
async function privateMemory(id) {
  const text = await readFile(`/proc/${id}/smaps_rollup`, "utf8");
  const sizes = text.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm);
  return [...sizes].reduce((sum, [, size]) => sum + Number(size) * 1024, 0);
}
