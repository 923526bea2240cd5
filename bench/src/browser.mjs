// A browser of its own for each measurement: nothing is warm, and its renderer is that of one page.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** What measures inside a page. */
export const PROBE = join(dirname(fileURLToPath(import.meta.url)), "probe.js");

/** Calls of the Key API, which are no bytes of the site. */
const OF_THE_API = /\/(auth\/|keys\/)/;

/** A slow phone on a slow line, by the numbers that Lighthouse uses. */
const SLOW_LINE = { latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };
const SLOW_CPU = 4;

/** How every browser is started. Chromium has no sandbox for root. */
export const OPTIONS = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--headless=new",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-extensions",
  "--disable-features=SpareRendererForSitePerProcess,Translate",
  "--force-color-profile=srgb",
];

export const VIEWPORT = { width: 1280, height: 800 };

/** Runs `measure` with a new browser and a page in it, and closes both. */
export async function withBrowser(executable, measure) {
  const browser = await chromium.launch({ executablePath: executable, args: OPTIONS });
  try {
    const context = await browser.newContext({ viewport: VIEWPORT });
    await context.addInitScript({ content: await readFile(PROBE, "utf8") });
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    return await measure(new Tab(browser, page, wire));
  } finally {
    await browser.close();
  }
}

/** The version, as the browser itself says it. */
export function versionOf(executable) {
  return withBrowser(executable, async (tab) => tab.browser.version());
}

export class Tab {
  #bytes = new Map();
  #sent;

  constructor(browser, page, wire) {
    this.browser = browser;
    this.page = page;
    this.wire = wire;
    this.faults = [];
    page.on("pageerror", (error) => this.faults.push(error.message));
  }

  /** Counts what comes over the wire, and keeps the time at which the sign-in goes out. */
  async listen() {
    const places = new Map();
    this.wire.on("Network.requestWillBeSent", ({ requestId, request, timestamp, type }) => {
      places.set(requestId, request.url);
      if (type === "Document") this.began ??= timestamp;
      if (request.method === "POST" && request.url.endsWith("/auth/access-token")) {
        this.#sent ??= timestamp;
      }
    });
    this.wire.on("Network.loadingFinished", ({ requestId, encodedDataLength, timestamp }) => {
      const url = places.get(requestId);
      if (!url?.startsWith("http") || OF_THE_API.test(new URL(url).pathname)) return;
      this.#bytes.set(requestId, { bytes: encodedDataLength, timestamp });
    });
    await this.wire.send("Network.enable");
  }

  async slowLine() {
    await this.wire.send("Network.emulateNetworkConditions", { offline: false, ...SLOW_LINE });
  }

  async slowCpu(isSlow = true) {
    await this.wire.send("Emulation.setCPUThrottlingRate", { rate: isSlow ? SLOW_CPU : 1 });
  }

  /** In ms since the navigation began; null if it did not go out. */
  get sent() {
    return this.#sent ? (this.#sent - this.began) * 1000 : null;
  }

  /** Bytes and requests of the site: all, or what had come when the sign-in went out. */
  weight(isUntilSent = false) {
    const all = [...this.#bytes.values()].filter(
      ({ timestamp }) => !isUntilSent || !this.#sent || timestamp <= this.#sent,
    );
    return { bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), requests: all.length };
  }

  /** Until nothing has been asked for during half a second. */
  async rest() {
    await this.page.waitForLoadState("networkidle", { timeout: 60_000 });
  }
}
