const WIDTH = 30;
const STEPS = 200;

/** A bar on a terminal only, and on standard error: the report stays clean in a file. */
export function progressBar(): (done: number, total: number) => void {
  if (!process.stderr.isTTY) return () => {};
  return (done, total) => {
    if (done % Math.ceil(total / STEPS) !== 0 && done !== total) return;
    const full = Math.round((WIDTH * done) / total);
    process.stderr.write(`\r[${'#'.repeat(full)}${' '.repeat(WIDTH - full)}] ${done}/${total}`);
    if (done === total) process.stderr.write('\n');
  };
}
