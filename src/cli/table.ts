/** Rows as columns of equal width; the first column on the left, numbers on the right. */
export function table(rows: readonly (readonly string[])[], { leftAligned = 1 } = {}): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => width(row[i] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(cell)));
        return i < leftAligned ? `${cell}${space}` : `${space}${cell}`;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Chinese characters take two columns of a terminal. */
function width(text: string): number {
  return [...text].reduce(
    (sum, char) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u.test(char)
        ? 2
        : 1),
    0,
  );
}
