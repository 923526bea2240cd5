// What a list of keys is for the peers that are components only: which keys, in which order.

/** The list with the text that is searched in, prepared once. */
export const prepared = (keys) =>
  keys.map((key) => ({ ...key, text: `${key.name}\n${key.api_key}\n${key.uuid}`.toLowerCase() }));

/** The keys that have `search` in them, ordered by the field `by`; `sign` is 1 or -1. */
export function arranged(keys, search, { by, sign }) {
  const text = search.trim().toLowerCase();
  const found = text ? keys.filter((key) => key.text.includes(text)) : keys.slice();
  return found.sort((a, b) => (a[by] < b[by] ? -sign : a[by] > b[by] ? sign : 0));
}

/** The order after the header of `by` was pressed. */
export const sorted = (sort, by) => ({ by, sign: sort.by === by ? -sort.sign : 1 });

const times = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
export const time = (text) => times.format(new Date(text));
export const lastUsed = (key) =>
  key.last_used === key.created ? "Never used" : time(key.last_used);

export const COLUMNS = [
  ["name", "Name"],
  ["api_key", "Key"],
  ["created", "Created"],
  ["last_used", "Last used"],
];
