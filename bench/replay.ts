/**
 * How fast logs are replayed, decoding included: entries a second at three sizes.
 * `deno run -A bench/replay.ts [--real]`; `--real` signs with Ed25519 (slow to prepare) and adds
 * runs in which every signature is checked.
 */
import { replay, type SignatureMode } from '../feeds/ledger/mod.ts';
import { attempt, type Party, party, stubVerify } from '../tests/ledger/history.ts';

const real = Deno.args.includes('--real');
const sizes = real ? [3_000, 10_000] : [10_000, 100_000, 100_000];

async function history(entries: number): Promise<Party[]> {
  const parties: Party[] = [];
  for (let i = 0; i < 8; i++) parties.push(await party(`party ${i}`, real));
  for (let i = 0; i < entries / 3; i++) {
    await attempt(parties[i % 8]!, parties[(i * 3 + 1) % 8]!, { name: `job ${i}` });
  }
  return parties;
}

for (const size of sizes) {
  const parties = await history(size);
  const logs = parties.flatMap(({ jobs, artifacts }) => [jobs.input(), artifacts.input()]);
  const modes: SignatureMode[] = real ? ['none', 'needed', 'all'] : ['needed'];
  for (const signatures of modes) {
    const verifyHead = () => {};
    const rates: number[] = [];
    let found = '';
    for (let run = 0; run < 3; run++) {
      const start = performance.now();
      const verify = real ? {} : { verify: stubVerify };
      const report = await replay(logs, { verifyHead, signatures, ...verify });
      rates.push(report.entries / ((performance.now() - start) / 1000));
      found = `${report.jobs.length} jobs, ${report.findings.length} findings`;
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
