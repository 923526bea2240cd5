// Medians and their spread.

/** The value of which `part` of the others are not above it, by linear interpolation. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

/** Median and quartiles of those values that were measured; null if none was. */
export function summary(values) {
  const measured = values.filter((value) => value !== null && value !== undefined);
  if (measured.length === 0) return null;
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(measured, part));
  return {
    low,
    median: middle,
    high,
    count: measured.length,
    missed: values.length - measured.length,
  };
}
