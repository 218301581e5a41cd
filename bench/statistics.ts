export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** `1,234 [1,200–1,300]`. */
export function spread(values: readonly number[]): string {
  const show = (value: number) => Math.round(value).toLocaleString('en');
  return `${show(median(values))} [${show(Math.min(...values))}–${show(Math.max(...values))}]`;
}

/** The median of the ratios of each repetition: a machine that is busy for a while is so for both. */
export function ratio(values: readonly number[], to: readonly number[]): string {
  return median(values.map((value, i) => value / (to[i] ?? Number.NaN))).toFixed(3);
}
