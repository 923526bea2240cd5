// The tasks, each written once for all sites. Times are in ms; null is what could not be done.

import { withBrowser } from "./browser.mjs";
import { SEARCHED, account, found } from "./key_api.mjs";
import { selectors } from "./sites.mjs";

/** Longer than anybody waits: who is not done by then has not done it. */
export const PATIENCE = 90_000;
const SCROLL_STEPS = 60;

/**
 * A start with nothing in any cache, by somebody who types and submits in the first frame that has
 * a form. On a slow phone and line if `isSlow`.
 */
export function coldStart(executable, origin, site, isSlow) {
  return withBrowser(executable, async (tab) => {
    const { page } = tab;
    await tab.listen();
    if (isSlow) {
      await tab.slowLine();
      await tab.slowCpu();
    }
    await page.goto(origin, { waitUntil: "commit", timeout: PATIENCE });
    const options = [selectors(site), account(50)];
    const start = await page.evaluate(([site, account]) => bench.hurry(site, account), options);
    const measured = { paint: start.form };
    if (!site.submit) {
      await tab.rest();
      Object.assign(measured, { usable: start.form, blocking: await blocking(page) });
      return { ...measured, bytesToUse: tab.weight().bytes, ...tab.weight() };
    }
    measured.rows = await page.evaluate(
      async ([site, limit]) => bench.until(site, "rows", { least: 10 }, limit),
      [selectors(site), PATIENCE],
    );
    // What was typed and submitted at once has gone out: the form could be used when it was seen.
    const isKept = start.typed && tab.sent !== null && measured.rows !== null;
    measured.usable = isKept ? start.form : null;
    measured.sent = tab.sent;
    measured.bytesToUse = tab.weight(true).bytes;
    measured.blocking = await blocking(page);
    await tab.rest();
    return { ...measured, ...tab.weight() };
  });
}

const blocking = (page) => page.evaluate(() => bench.blocking());

/** Signs in on a page at rest, then reloads it: until the first rows of `length` are painted. */
export function rows(executable, origin, site, length) {
  return withBrowser(executable, async (tab) => {
    const measured = await enterAndReload(tab, origin, site, length);
    return { ...measured, faults: tab.faults };
  });
}

async function enterAndReload(tab, origin, site, length) {
  const { page } = tab;
  await page.goto(origin, { timeout: PATIENCE });
  await page.waitForSelector(site.submit, { timeout: PATIENCE });
  await tab.rest();
  const entered = await page.evaluate(
    ([site, account, limit]) => bench.enter(site, account, 10, limit),
    [selectors(site), account(length), PATIENCE],
  );
  await page.reload({ waitUntil: "commit", timeout: PATIENCE });
  const reloaded = await page.evaluate(
    ([site, limit]) => bench.reloaded(site, 10, limit),
    [selectors(site), PATIENCE],
  );
  return {
    signIn: entered?.total ?? null,
    afterAnswer: entered?.after ?? null,
    reload: reloaded?.total ?? null,
  };
}

/** All that is done with a long list, on a slow phone. `picture` begins the names of pictures. */
export function use(executable, origin, site, length, api, picture) {
  return withBrowser(executable, async (tab) => {
    const { page } = tab;
    const extra = `revoke me ${process.hrtime.bigint() % 1_000_000n}`;
    if (site.revoke) await api.create(length, extra);
    const measured = await enterAndReload(tab, origin, site, length);
    await tab.rest();
    measured.nodes = await page.evaluate(() => bench.nodes());
    measured.wasm = (await page.evaluate(() => bench.wasm())) || null;
    if (picture) await page.screenshot({ path: `${picture}.png` });
    await tab.slowCpu();
    const doing = new Doing(page, site);
    const tasks = { search, sort, scroll, create, revoke };
    for (const [name, task] of Object.entries(tasks)) {
      try {
        const options = { length, extra, picture };
        Object.assign(measured, await task(doing, options));
      } catch (error) {
        tab.faults.push(`${name}: ${error.message.split("\n")[0]}`);
      }
    }
    // Whoever does not do all of it has nothing to compare.
    const isWhole = site.search && site.sort && site.create && site.revoke && !tab.faults.length;
    measured.interaction = isWhole ? await page.evaluate(() => bench.interaction()) : null;
    if (site.revoke) await api.restore(length);
    return { ...measured, faults: tab.faults };
  });
}

/** What a user does with a site, and what is waited for. */
class Doing {
  constructor(page, site) {
    this.page = page;
    this.site = site;
  }

  /** Does `act` and gives the ms from its last event until `condition` is painted. */
  async until(condition, options, act) {
    await this.page.evaluate(
      ([site, condition, options]) => bench.arm(site, condition, options),
      [selectors(this.site), condition, options],
    );
    await act();
    return this.page.evaluate(() => bench.result());
  }

  click(selector) {
    return this.page.locator(selector).first().click({ timeout: PATIENCE });
  }

  top() {
    return this.page.evaluate((scroller) => {
      const box = scroller ? document.querySelector(scroller) : document.scrollingElement;
      box.scrollTop = 0;
    }, this.site.scroller);
  }
}

async function search(doing, { length, picture }) {
  const { page, site } = doing;
  if (!site.search) return {};
  const type = async (text) => {
    await doing.click(site.search);
    await page.keyboard.type(text, { delay: 60 });
  };
  const least = Math.min(10, found(length));
  const measured = await doing.until("searched", { text: SEARCHED, least }, () => type(SEARCHED));
  if (picture) await page.screenshot({ path: `${picture}-search.png` });
  await clear(doing);
  return { search: measured };
}

/** All keys again. */
async function clear({ page, site }) {
  await page.fill(site.search, "");
  await page.evaluate(
    ([site, text, limit]) => bench.until(site, "unsearched", { text }, limit),
    [selectors(site), SEARCHED, PATIENCE],
  );
}

/** Of the names of a list, what the first and the last begin with. */
const extremes = (length) => [
  `${SEARCHED} 00007`,
  `service ${String(length - 1).padStart(5, "0")}`,
];

async function sort(doing, { length }) {
  const { page, site } = doing;
  if (!site.sort) return {};
  const [before] = await page.evaluate((site) => bench.names(site), selectors(site));
  // The first by name upwards, or downwards: sites may begin with either.
  const among = extremes(length);
  return { sort: await doing.until("first", { among, before }, () => doing.click(site.sort)) };
}

async function scroll(doing, { length, extra }) {
  const { page, site } = doing;
  if (site.scroller === null) return {};
  await doing.top();
  const measured = await page.evaluate(
    ([site, steps]) => bench.scroll(site, steps),
    [selectors(site), SCROLL_STEPS],
  );
  await doing.top();
  // The last key in the order that was chosen; where there is none to choose, the last one made.
  const ends = [...extremes(length), ...(site.sort ? [] : [extra])];
  if (!ends.some((end) => measured.last.includes(end))) {
    throw new Error(`the end is not reached, but ${measured.last}`);
  }
  return { scroll: measured.slowest, blank: measured.blank };
}

async function create(doing, { picture }) {
  const { page, site } = doing;
  if (!site.create) return {};
  const { open, field, close } = site.create;
  const opened = await doing.until("seen", { selector: field }, () => doing.click(open));
  if (picture) await page.screenshot({ path: `${picture}-create.png` });
  const closed = await doing.until("gone", { selector: field }, () => doing.click(close));
  return { open: opened, close: closed };
}

async function revoke(doing, { extra, length, picture }) {
  const { page, site } = doing;
  if (!site.revoke) return {};
  const { menu, open, confirm } = site.revoke;
  if (site.search) {
    await doing.click(site.search);
    await page.keyboard.type(extra, { delay: 20 });
  }
  const row = page.locator(site.row).filter({ hasText: extra }).first();
  // Where nothing is searched, there are too many rows to read their names in each frame.
  const gone = site.search ? ["without", { name: extra }] : ["fewer", { rows: length + 1 }];
  if (menu) await row.locator(menu).first().click({ timeout: PATIENCE });
  const opener = (menu ? page : row).locator(open).first();
  const press = () => opener.click({ timeout: PATIENCE });
  if (!confirm) return { revoke: await doing.until(...gone, press) };
  await press();
  if (picture) await page.screenshot({ path: `${picture}-revoke.png` });
  return { revoke: await doing.until(...gone, () => doing.click(confirm)) };
}
