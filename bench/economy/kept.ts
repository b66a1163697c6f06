import { type Cell, type Outcome, run } from './run.ts';

/**
 * Runs histories, and keeps what each came to as a line of a file, so that days of them can be run in
 * parts. The file is good for one version of the code.
 * @param path null keeps nothing
 */
export async function keeping(path: string | null): Promise<(cell: Cell) => Promise<Outcome>> {
  if (path === null) return run;
  const text = await Deno.readTextFile(path).catch((thrown) => {
    if (thrown instanceof Deno.errors.NotFound) return '';
    throw thrown;
  });
  const kept = new Map<string, Outcome>();
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const { cell, outcome } = JSON.parse(line);
    kept.set(cell, outcome);
  }
  return async (cell) => {
    const name = nameOf(cell);
    const known = kept.get(name);
    if (known !== undefined) return known;
    const outcome = await run(cell);
    await Deno.writeTextFile(path, `${JSON.stringify({ cell: name, outcome })}\n`, {
      append: true,
    });
    return outcome;
  };
}

function nameOf({ strategy, nodes, jobs, epochs, rate, seed }: Cell): string {
  return [strategy?.name ?? 'honest', nodes, jobs, epochs, rate, seed].join(' ');
}
