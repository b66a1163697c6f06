/**
 * How fast logs are replayed, decoding included: entries a second at three sizes.
 * `deno run -A bench/replay.ts [--real]`; `--real` signs with Ed25519 (slow to prepare) and adds
 * runs in which every signature is checked.
 */
import { createReplay, type ReplayOptions, type SignatureMode } from '../feeds/ledger/mod.ts';
import { attempt, type Party, party, stubVerify } from '../tests/ledger/history.ts';

const real = Deno.args.includes('--real');
const sizes = real ? [3_000, 10_000] : [10_000, 100_000, 300_000];

async function history(entries: number): Promise<Party[]> {
  const parties: Party[] = [];
  for (let i = 0; i < 8; i++) parties.push(await party(`party ${i}`, real));
  for (let i = 0; i < entries / 3; i++) {
    await attempt(parties[i % 8]!, parties[(i * 3 + 1) % 8]!, { name: `job ${i}` });
  }
  return parties;
}

/** Replays as a reader of logs does: in batches, one log after the other. */
async function run(parties: readonly Party[], options: ReplayOptions): Promise<[number, string]> {
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
  const { entries, jobs, findings } = await running.finish();
  const rate = entries / ((performance.now() - start) / 1000);
  return [rate, `${jobs.length} jobs, ${findings.length} findings`];
}

for (const size of sizes) {
  const parties = await history(size);
  const modes: SignatureMode[] = real ? ['none', 'needed', 'all'] : ['needed'];
  for (const signatures of modes) {
    const rates: number[] = [];
    let found = '';
    for (let i = 0; i < 3; i++) {
      const [rate, counts] = await run(parties, {
        signatures,
        ...(real ? {} : { verify: stubVerify }),
      });
      rates.push(rate);
      found = counts;
    }
    rates.sort((a, b) => a - b);
    const megabytes = Math.round(Deno.memoryUsage().rss / 2 ** 20);
    const [low, median, high] = rates.map((rate) => Math.round(rate));
    console.log(
      `replay ${size} entries, signatures ${signatures}: ${median} entries/s ` +
        `(${low} to ${high}), ${found}, ${megabytes} MB resident`,
    );
  }
}
