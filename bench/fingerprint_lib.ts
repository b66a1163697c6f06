import { Probe, type SpawnOptions, spawnProbe } from '../fingerprint/probe/mod.ts';
import {
  drawRows,
  type RawBackend,
  type RawChallenge,
  type RawResult,
  rawResult,
  type Shape,
  verifyOpening,
} from '../fingerprint/raw/mod.ts';
import { variation } from '../fingerprint/stats/mod.ts';
import type { Figure } from './lib.ts';

const NEVER = new AbortController().signal;

export function nonce(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}

/** A started probe. */
export async function startProbe(options: SpawnOptions = {}): Promise<Probe> {
  const probe = new Probe({ spawn: () => spawnProbe(options), idleMs: 600_000 });
  await probe.info(NEVER);
  return probe;
}

export type TimedRun = RawResult & { from: number; to: number };

/** One raw challenge, opened and checked, timed here. Between processes there is no round trip. */
export function rawRun(
  probe: Probe,
  shape: Shape,
  backend: RawBackend = 'cpu',
  opened = 16,
): Promise<TimedRun> {
  return agreed(() => runOnce(probe, shape, backend, opened));
}

async function runOnce(
  probe: Probe,
  shape: Shape,
  backend: RawBackend,
  opened: number,
): Promise<TimedRun> {
  return await (await rawTimed(probe, shape, backend, opened))();
}

/**
 * A product, timed; what it resolves to opens and checks it. Apart, so that checking one of two that
 * run at once does not keep the other one's end from being seen.
 */
export async function rawTimed(
  probe: Probe,
  shape: Shape,
  backend: RawBackend,
  opened: number,
): Promise<() => Promise<TimedRun>> {
  const challenge: RawChallenge = { type: 'raw', nonce: nonce(), shape, backend };
  const from = performance.now();
  const commitment = await probe.run(challenge, NEVER);
  const to = performance.now();
  return async () => {
    const rows = drawRows(nonce(), commitment.root, shape.rows, opened);
    verifyOpening(challenge, commitment, rows, await probe.open(rows, NEVER), nonce());
    return { ...rawResult(challenge, commitment, { elapsedMs: to - from, rttMs: 0 }), from, to };
  };
}

/** Runs whose clocks did not agree: where the machine is so busy, that happens to the honest too. */
export const disagreed = { runs: 0, of: 0 };

/** A run whose clocks agree: another try for one where they do not, three at most. */
export async function agreed<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    disagreed.of++;
    try {
      return await run();
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== 'CLOCK_DOCTORED' || attempt === 3) throw thrown;
      disagreed.runs++;
    }
  }
}

/** So many runs of something, one after the other. */
export async function repeat<T>(times: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i++) results.push(await run());
  return results;
}

/** Programs that only compute, at normal priority, until disposed of. */
export function burn(count: number): Disposable {
  const children = Array.from({ length: count }, () =>
    new Deno.Command(Deno.execPath(), {
      args: ['eval', 'for (let x = 1;;) x = Math.imul(x, 5) + 1;'],
      stdin: 'null',
      stdout: 'null',
      stderr: 'null',
    }).spawn());
  return {
    [Symbol.dispose]() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

/** Coefficient of variation, per cent. */
export function cv(values: readonly number[]): string {
  return `${(100 * variation(values)).toFixed(1)} %`;
}

/** Upper end of the one-sided 95 % interval of a chance that was met `hits` times in `trials`. */
export function upperBound(hits: number, trials: number): number {
  let low = hits / trials, high = 1;
  for (let i = 0; i < 60; i++) {
    const p = (low + high) / 2;
    let below = 0, term = (1 - p) ** trials;
    for (let k = 0; k <= hits; k++) {
      below += term;
      term *= (trials - k) / (k + 1) * p / (1 - p);
    }
    if (below > 0.05) low = p;
    else high = p;
  }
  return high;
}

/** Prints rows as a Markdown table under a title. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  console.log(`\n${title}\n`);
  for (const [i, row] of rows.entries()) {
    console.log(`| ${row.join(' | ')} |`);
    if (i === 0) console.log(`|${row.map(() => '---').join('|')}|`);
  }
  console.log('');
}

/** A figure that has no goal but to be stated. */
export function named(name: string, measured: string): Figure {
  return { name, measured, goal: 'stated', met: true };
}

/** Tells how far something long is, a line each, on stderr: at most one in ten seconds. */
export function progress(what: string, of: number): (done: number, more?: string) => void {
  const from = performance.now();
  let told = from;
  return (done, more = '') => {
    const now = performance.now();
    if (now - told < 10_000 && done < of) return;
    told = now;
    const left = (now - from) / Math.max(1, done) * (of - done) / 1000;
    console.error(`  ${what}: ${done} of ${of}${more}, ${Math.round(left)} s left at most`);
  };
}
