// What is measured, in the order in which it is told.

const TIME = "ms";
const BYTES = "bytes";
const MEMORY = "MiB";
const COUNT = "";

/**
 * `task` and `key` say where a figure lies in what the tasks give; `note` names the words of a site
 * on why it cannot do it, or does it in another way. Less is better in all of them.
 */
export const MEASURES = [
  ...["fast", "slow"].flatMap((task) => {
    const where = task === "fast" ? "cold" : "cold, slow phone and line";
    return [
      ["paint", "form painted", "signIn"],
      ["usable", "form usable", "signIn"],
      ["sent", "sign-in sent, typed at once", "signIn"],
      ["rows", "first of 50 rows, typed at once", "rows"],
      ["blocking", "blocking time"],
    ].map(([key, words, note]) => ({
      id: `${task}-${key}`,
      task,
      key,
      title: `${where}: ${words}`,
      unit: TIME,
      note,
    }));
  }),
  {
    id: "bytes-to-use",
    task: "fast",
    key: "bytesToUse",
    title: "bytes until the sign-in is sent",
    unit: BYTES,
  },
  { id: "bytes", task: "fast", key: "bytes", title: "bytes of the whole site", unit: BYTES },
  {
    id: "requests",
    task: "fast",
    key: "requests",
    title: "requests for the whole site",
    unit: COUNT,
  },
  ...[50, 1000, 10000].flatMap((length) => {
    const task = `keys-${length}`;
    return [
      ["sign-in", "signIn", "sign-in to rows"],
      ["after", "afterAnswer", "answer to rows"],
      ["reload", "reload", "reload to rows"],
    ].map(([name, key, words]) => ({
      id: `${task}-${name}`,
      task,
      key,
      title: `${length.toLocaleString("en")} keys: ${words}`,
      unit: TIME,
      note: "rows",
    }));
  }),
  ...[
    { key: "search", title: "search", unit: TIME },
    { key: "sort", title: "sort by name", unit: TIME },
    { key: "scroll", title: "scroll to the end: slowest frame", unit: TIME },
    {
      key: "blank",
      title: "scroll to the end: places without a row, of 300",
      unit: COUNT,
      note: "scroll",
    },
    { key: "open", title: "create dialog opens", unit: TIME, note: "create" },
    { key: "close", title: "create dialog closes", unit: TIME, note: "create" },
    { key: "revoke", title: "revoke one", unit: TIME },
    {
      key: "interaction",
      title: "slowest interaction to the next paint",
      unit: TIME,
      note: "create",
    },
  ].map((it) => ({
    note: it.key,
    ...it,
    id: it.key,
    task: "keys-10000",
    title: `10,000 keys, slow phone: ${it.title}`,
  })),
  {
    id: "nodes",
    task: "keys-10000",
    key: "nodes",
    title: "10,000 keys: elements",
    unit: COUNT,
    note: "rows",
  },
  {
    id: "memory",
    task: "memory",
    key: "memory",
    title: "10,000 keys: memory of the renderer",
    unit: MEMORY,
    note: "rows",
  },
  {
    id: "wasm",
    task: "keys-10000",
    key: "wasm",
    title: "10,000 keys: of it WebAssembly",
    unit: MEMORY,
    note: "wasm",
  },
];

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });

/** A figure as people read it, without its unit. */
export function figure(value, unit) {
  if (unit === MEMORY) return tenths.format(value / 2 ** 20);
  return whole.format(value);
}
