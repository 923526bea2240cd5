// What came of a run, as Markdown.

import { MEASURES, figure } from "./measures.mjs";
import { LIMIT, OURS } from "./sites.mjs";

/** A difference of less than this is none: two frames of one browser differ by as much. */
const SAME = 1.03;

/** The results of all measures: `of` gives what a site has, `best` the best peer by its name. */
export function compared(sites, summaries) {
  return MEASURES.map((measure) => {
    const of = (name) => summaries.get(name)?.get(measure.id) ?? null;
    const peers = sites.filter(({ name }) => name !== OURS && name !== LIMIT && of(name));
    const [best] = peers.sort((a, b) => of(a.name).median - of(b.name).median);
    return { measure, of, best: best ?? null };
  });
}

export function report(sites, summaries, words) {
  const rows = compared(sites, summaries);
  const notes = new Notes();
  const titles = ["", ...sites.map(({ title }) => title), "to the limit", "to the best peer"];
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const table = rows.map(({ measure, of, best }) => {
    const cells = sites.map((site) => cell(measure, of(site.name), site, notes));
    const ours = of(OURS);
    const ratios = [of(LIMIT), best && of(best.name)].map((other) => ratio(ours, other));
    const peer = best && ratios[1] !== "–" ? `${ratios[1]} (${best.title})` : ratios[1];
    const unit = measure.unit ? `${measure.title}, ${measure.unit}` : measure.title;
    return line([unit, ...cells, ratios[0], peer]);
  });
  const { ahead, behind, level } = verdict(rows);
  return [
    ...words,
    "",
    line(titles),
    line(titles.map((_, at) => (at === 0 ? "---" : "--:"))),
    ...table,
    "",
    "Medians, with the quartiles in brackets where they differ. Less is better everywhere. A ratio",
    "below 1 means that Occam Keys needs less; the limit is no peer.",
    "",
    ...notes.lines(),
    "",
    "**What a peer loads**, for each byte of ours:",
    "",
    ...list(weights(sites, rows)),
    "",
    `**Ahead of every peer** in ${ahead.length} of ${ahead.length + behind.length + level.length}:`,
    "",
    ...list(ahead),
    "",
    `**Behind the best peer** in ${behind.length}:`,
    "",
    ...list(behind),
    "",
    `**Level with the best peer** (within 3 %) in ${level.length}:`,
    "",
    ...list(level),
    "",
  ].join("\n");
}

const list = (lines) => (lines.length ? lines.map((it) => `- ${it}`) : ["- nothing"]);

/** How many bytes each peer has for one of ours, in words. */
function weights(sites, rows) {
  return rows
    .filter(({ measure, of }) => measure.unit === "bytes" && of(OURS))
    .map(({ measure, of }) => {
      const peers = sites.filter(({ name }) => name !== OURS && name !== LIMIT && of(name));
      const times = ({ name }) => (of(name).median / of(OURS).median).toFixed(2);
      return `${measure.title}: ${peers.map((peer) => `${peer.title} ${times(peer)}`).join(", ")}`;
    });
}

/** Each measure in one of three lists, in words. */
function verdict(rows) {
  const lists = { ahead: [], behind: [], level: [] };
  for (const { measure, of, best } of rows) {
    const ours = of(OURS);
    if (!ours || !best) continue;
    const theirs = of(best.name);
    const say = (summary) => `${figure(summary.median, measure.unit)} ${measure.unit}`.trim();
    const words = `${measure.title}: ${say(ours)}, ${best.title} ${say(theirs)}`;
    const [low, high] = [ours.median, theirs.median];
    const key = low * SAME < high ? "ahead" : high * SAME < low ? "behind" : "level";
    lists[key].push(words);
  }
  return lists;
}

/** How many times as much we need. */
export function ratio(ours, other) {
  if (!ours || !other || other.median === 0) return "–";
  const times = ours.median / other.median;
  return `${times.toFixed(times < 0.095 ? 3 : 2)} ×`;
}

function cell(measure, summary, site, notes) {
  const note = site.notes[measure.note];
  const mark = note ? notes.mark(`${site.title}: ${note}`) : "";
  if (!summary) return `–${mark}`;
  const [low, median, high] = [summary.low, summary.median, summary.high].map((value) =>
    figure(value, measure.unit),
  );
  const spread = low === high ? "" : ` (${low}–${high})`;
  const missed = summary.missed
    ? notes.mark(
        `${site.title} did it in ${summary.count} of ${summary.count + summary.missed} tries.`,
      )
    : "";
  return `${median}${spread}${mark}${missed}`;
}

/** Each sentence has one number, wherever it is needed. */
class Notes {
  #sentences = [];

  mark(sentence) {
    if (!this.#sentences.includes(sentence)) this.#sentences.push(sentence);
    return ` <sup>${this.#sentences.indexOf(sentence) + 1}</sup>`;
  }

  lines() {
    return this.#sentences.map((sentence, at) => `${at + 1}. ${sentence}`);
  }
}
