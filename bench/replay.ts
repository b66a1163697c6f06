/**
 * How fast logs are replayed, decoding included. `deno run -A bench/replay.ts` alone signs with
 * Ed25519 (slow to prepare) and compares the ways of checking signatures.
 */
import { createReplay, type ReplayOptions, type SignatureMode } from '../feeds/replay/mod.ts';
import { attempt, type Party, party, stubVerify } from '../tests/replay/history.ts';
import { v8For } from '../bin/v8.mjs';
import { type Figure, median, spread } from './lib.ts';

const RUNS = 5, WARM = 2;

/** Entries a second at several sizes, each in a process with the flags of `nexus audit`. */
export async function replay(sizes: readonly number[]): Promise<Figure[]> {
  const rates: number[][] = [];
  for (const size of sizes) rates.push(await ratesOf(size));
  const largest = rates.at(-1)!, linear = median(largest) / median(rates[0]!);
  const all = sizes.map((size, i) =>
    `${size / 1000}k: ${spread(rates[i]!.map((r) => r / 1000), 0)}`
  );
  return [{
    name: 'replay',
    measured: `${all.join('; ')} thousand entries/s`,
    goal: '>= 50,000 entries/s, linear',
    met: median(largest) >= 50_000 && linear >= 0.75,
  }];
}

async function ratesOf(size: number): Promise<number[]> {
  const args = ['run', '-A', ...v8For('audit'), import.meta.filename!, String(size)];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: 'inherit' }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Heads believed and signatures that heads stand for left out. */
async function measure(size: number): Promise<number[]> {
  const parties = await history(size, false);
  const options: ReplayOptions = { signatures: 'needed', verify: stubVerify };
  const runs: number[] = [];
  // The first ones compile.
  for (let i = 0; i < RUNS + WARM; i++) runs.push(await run(parties, options));
  return runs.slice(WARM);
}

async function history(entries: number, real: boolean): Promise<Party[]> {
  const parties: Party[] = [];
  for (let i = 0; i < 8; i++) parties.push(await party(`party ${i}`, real));
  for (let i = 0; i < entries / 3; i++) {
    await attempt(parties[i % 8]!, parties[(i * 3 + 1) % 8]!, { name: `job ${i}` });
  }
  return parties;
}

/** Replays as a reader of logs does: in batches, one log after the other. Entries a second. */
async function run(parties: readonly Party[], options: ReplayOptions): Promise<number> {
  const cores = parties.flatMap(({ jobs, artifacts }) => [jobs, artifacts]);
  const logs = cores.map((core) => ({ core, log: core.head() }));
  const start = performance.now();
  const running = createReplay({ verifyHead: () => {}, ...options });
  for (const { core, log } of logs) {
    for (let from = 0; from < core.blocks.length; from += 500) {
      const batch = core.blocks.slice(from, from + 500);
      await running.add(log, batch.map((value, i) => ({ index: from + i, value })));
    }
  }
  const { entries } = await running.finish();
  return entries / ((performance.now() - start) / 1000);
}

if (import.meta.main && Deno.args.length > 0) {
  console.log(JSON.stringify(await measure(Number(Deno.args[0]))));
} else if (import.meta.main) {
  for (const size of [3_000, 10_000]) {
    const parties = await history(size, true);
    for (const signatures of ['none', 'needed', 'all'] satisfies SignatureMode[]) {
      const rates: number[] = [];
      for (let i = 0; i < 3; i++) rates.push(await run(parties, { signatures }));
      console.log(`${size} entries, signatures ${signatures}: ${spread(rates, 0)} entries/s`);
    }
  }
}
