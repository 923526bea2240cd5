// The bench: `cargo xtask bench` builds what is measured and calls this. See ../README.md.

import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { memory } from "./bare.mjs";
import { versionOf } from "./browser.mjs";
import { buildPeer } from "./build.mjs";
import { startKeyApi } from "./key_api.mjs";
import { MEASURES } from "./measures.mjs";
import { picture } from "./picture.mjs";
import { report } from "./report.mjs";
import { serve } from "./server.mjs";
import { LIMIT, OURS, SITES } from "./sites.mjs";
import { summary } from "./statistics.mjs";
import { coldStart, rows, use } from "./tasks.mjs";

const LENGTHS = [50, 1_000, 10_000];
const ROUNDS = 15;

/** How long the machine may take to come to rest after the builds, in s. */
const SETTLING = 300;

const { values: options } = parseArgs({
  options: {
    site: { type: "string" },
    server: { type: "string" },
    chromium: { type: "string" },
    work: { type: "string" },
    "most-load": { type: "string" },
    out: { type: "string" },
    picture: { type: "string" },
    shots: { type: "string" },
    rounds: { type: "string" },
    only: { type: "string", multiple: true },
    quick: { type: "boolean" },
    busy: { type: "boolean" },
  },
});

const say = (text) => console.error(`==> ${text}`);

await main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});

async function main() {
  const { site, server, chromium, work } = options;
  for (const name of ["site", "server", "chromium", "work", "most-load"]) {
    if (!options[name]) throw new Error(`--${name} is missing; \`cargo xtask bench\` gives it.`);
  }
  const rounds = options.quick ? 1 : Number(options.rounds ?? ROUNDS);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds is a number from 1 on.");
  const sites = chosen();
  say(`Building ${sites.length - 1} peers.`);
  const folders = new Map();
  for (const { name } of sites)
    folders.set(name, name === OURS ? site : await buildPeer(name, work));
  say("Starting the Key API, and making its keys.");
  const { api, origin, stop } = await startKeyApi(server, LENGTHS);
  const servers = new Map();
  try {
    for (const [name, folder] of folders) servers.set(name, await serve(folder, origin));
    if (!options.busy) await settled();
    const load = loadavg()[0];
    const results = await run(sites, servers, api, rounds);
    const words = await machine(chromium, rounds, load);
    await tell(sites, results, words);
  } finally {
    for (const { stop } of servers.values()) stop();
    await stop();
  }
}

/** Ours and the limit are always there: the others are told by them. */
function chosen() {
  const only = options.only;
  if (!only) return SITES;
  const unknown = only.filter((name) => !SITES.some((site) => site.name === name));
  if (unknown.length) {
    const names = SITES.map(({ name }) => name).join(", ");
    throw new Error(`There is no site ${unknown.join(", ")}; there are ${names}.`);
  }
  return SITES.filter(({ name }) => [OURS, LIMIT, ...only].includes(name));
}

/** Waits until the machine is at rest, and fails if it does not come to it. */
async function settled() {
  const most = Number(options["most-load"]);
  for (let waited = 0; loadavg()[0] > most; waited += 5) {
    if (waited === 0) say("Waiting until the machine is at rest.");
    if (waited >= SETTLING) {
      throw new Error(
        `The machine is busy (load ${loadavg()[0].toFixed(2)}): its figures would say nothing. ` +
          "End what it does, or measure all the same with --busy.",
      );
    }
    await new Promise((done) => setTimeout(done, 5_000));
  }
}

/** Each task with each site in turn, and the same again: what disturbs, disturbs all of them. */
async function run(sites, servers, api, rounds) {
  const { chromium, shots } = options;
  const results = new Map(sites.map(({ name }) => [name, []]));
  const tasks = [
    ["fast", () => true, (at, site) => coldStart(chromium, at, site, false)],
    ["slow", () => true, (at, site) => coldStart(chromium, at, site, true)],
    ["keys-50", (site) => site.row, (at, site) => rows(chromium, at, site, 50)],
    ["keys-1000", (site) => site.row, (at, site) => rows(chromium, at, site, 1_000)],
    [
      "keys-10000",
      (site) => site.row,
      (at, site, round) => {
        const shot = shots && round === 0 ? join(shots, site.name) : undefined;
        return use(chromium, at, site, 10_000, api, shot);
      },
    ],
    ["memory", (site) => site.row, (at, site) => memory(chromium, at, site, 10_000)],
  ];
  for (let round = 0; round < rounds; round += 1) {
    say(`Round ${round + 1} of ${rounds}.`);
    for (const [task, isFor, measure] of tasks) {
      for (const site of turned(sites, round).filter(isFor)) {
        const at = servers.get(site.name).origin;
        const measured = await measure(at, site, round).catch((error) => {
          return { faults: [error.message.split("\n")[0]] };
        });
        for (const fault of measured.faults ?? []) say(`${site.title}, ${task}: ${fault}`);
        results.get(site.name).push([task, measured]);
      }
    }
  }
  return results;
}

/** Another one is the first in each round. */
function turned(sites, round) {
  const first = round % sites.length;
  return [...sites.slice(first), ...sites.slice(0, first)];
}

async function machine(chromium, rounds, load) {
  const model = cpus()[0]?.model.replace(/\s+/g, " ").trim();
  const cores = availableParallelism();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const named = model && model !== "unknown" ? ` (${model})` : "";
  const browser = `Chromium ${await versionOf(chromium)}, headless`;
  const turns = rounds === 1 ? "1 round" : `${rounds} rounds`;
  return [
    `${browser}, on ${cores} cores${named} with ${gibibytes} GiB of memory;`,
    `${turns}, the sites in turn, a new browser for each figure.`,
    `The load of the machine was ${load.toFixed(2)} before.` +
      (options.busy
        ? " **It was not asked to be at rest: these figures are for a first look only.**"
        : ""),
  ];
}

async function tell(sites, results, words) {
  const summaries = new Map();
  for (const [name, measured] of results) {
    const of = ({ task, key }) => {
      const tries = measured.filter(([done]) => done === task);
      return summary(tries.map(([, values]) => values[key] ?? null));
    };
    summaries.set(name, new Map(MEASURES.map((measure) => [measure.id, of(measure)])));
  }
  const text = report(sites, summaries, words);
  process.stdout.write(text);
  if (options.out) await writeFile(options.out, text);
  if (options.picture) {
    const plain = words.join(" ").replaceAll("*", "").split(";")[0];
    await writeFile(options.picture, picture(sites, summaries, `${plain}. Less is better.`));
  }
}
