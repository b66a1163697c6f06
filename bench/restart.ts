import { join } from 'node:path';
import { type Cut, CutView } from '../feeds/agreement/mod.ts';
import { taggedHash, toHex } from '../feeds/base/mod.ts';
import {
  cutHash,
  importSigner,
  type LogRecord,
  type ProposalRecord,
  signRecord,
  type VoteRecord,
} from '../feeds/records/mod.ts';
import { TrustFold } from '../feeds/trust/mod.ts';
import { type Snapshot, SnapshotFile } from '../node/snapshot/mod.ts';
import { World } from '../tests/trust/world.ts';
import { type Figure, median } from './lib.ts';

/** Cuts to a job, and cuts that came since the snapshot. */
const QUIET = 4;
const SINCE = 64;
const RUNS = 5;
const NETWORK = new Uint8Array(32).fill(9), ZEROS = new Uint8Array(32);

/** From the logs of a network with so many cuts to its newest state: with a snapshot, and without. */
export async function restart(lengths: readonly number[]): Promise<Figure[]> {
  await measure(2 * SINCE); // compiles
  const rows: { from: number; anew: number; bytes: number }[] = [];
  for (const length of lengths) rows.push(await measure(length));
  const least = rows[0]!.from, most = rows.at(-1)!.from;
  const measured = rows.map(({ from, anew, bytes }, i) =>
    `${lengths[i]} cuts: ${from.toFixed(0)} / ${anew.toFixed(0)} ms (${
      (bytes / 1e6).toFixed(2)
    } MB)`
  );
  return [{
    name: 'restart with the snapshot / without, 64 cuts since, a job every fourth cut',
    measured: measured.join('; '),
    goal: 'the first the same whatever the history',
    met: most <= 1.5 * least + 100,
  }];
}

async function measure(length: number): Promise<{ from: number; anew: number; bytes: number }> {
  const world = await history(length);
  const witnessed = await votes(length);
  const folder = await Deno.makeTempDir();
  const file = new SnapshotFile(join(folder, 'snapshot'), {
    program: 'bench',
    network: NETWORK,
    identity: ZEROS,
  });
  try {
    const before = await run(world, witnessed, null, length - SINCE);
    const { bytes } = await file.write(before.snapshot);
    const times: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      const start = performance.now();
      const { digest } = await run(world, witnessed, await file.read(), length);
      times.push(performance.now() - start);
      if (digest !== toHex(world.fold.digest)) throw new Error('two records of the same cuts');
    }
    const start = performance.now();
    await run(world, witnessed, null, length);
    return { from: median(times), anew: performance.now() - start, bytes };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads the witness's log and folds the cuts, up to one of them. */
async function run(
  { options, cuts }: World,
  { witnesses, log }: Awaited<ReturnType<typeof votes>>,
  from: Snapshot | null,
  end: number,
): Promise<{ digest: string; snapshot: Snapshot }> {
  const view = new CutView({ network: NETWORK, witnesses, ...(from && { from: from.cuts.view }) });
  const fold = from === null ? new TrustFold(options) : TrustFold.restore(options, from.fold.trust);
  let at = from?.cuts.positions.get('log')?.at ?? 0, last: Cut | null = null;
  while (view.epoch < end) {
    const { cut } = await view.take(log[at++]!);
    if (cut === null) continue;
    last = cut;
    const folded = cuts[cut.epoch]!;
    await fold.takeCut(folded.cut, folded.entries);
  }
  const snapshot: Snapshot = {
    cut: last!,
    cuts: { view: view.state(), positions: new Map([['log', { witness: '', at }]]) },
    fold: { trust: fold.state(), ledger: null, sampling: null, prints: null },
    audit: {
      identities: new Map(),
      own: {
        said: new Map(),
        tables: new Set(),
        rooted: new Map(),
        shown: new Map(),
        proven: new Set(),
      },
      read: new Map(),
      chains: null,
    },
    entitled: new Map(),
    memory: null,
  };
  return { digest: toHex(fold.digest), snapshot };
}

/** A mesh in which everything that is drawn is audited. */
async function history(cuts: number): Promise<World> {
  const world = new World({ auditors: 8, rules: { challengeCuts: 20 }, chain: cuts });
  const requester = world.party('requester');
  const executors = Array.from({ length: 8 }, (_, i) => world.party(`executor ${i}`));
  for (let i = 0; i < cuts; i++) {
    if (i % QUIET === 0) world.work(requester, executors[(i / QUIET) % executors.length]!);
    await world.cut();
    world.events.length = 0;
  }
  return world;
}

/** A witness's log, signed. */
async function votes(cuts: number) {
  const signer = await importSigner(ZEROS);
  const log: LogRecord[] = [];
  let previous: Uint8Array = ZEROS;
  for (let epoch = 0; epoch < cuts; epoch++) {
    const core = taggedHash('bench/core', Uint8Array.of(epoch % 30));
    const from = { network: NETWORK, epoch, round: 0, witness: signer.publicKey };
    const heads = [{ core, length: epoch + 1, treeHash: ZEROS }];
    const proposal = await signRecord<ProposalRecord>(
      { type: 'proposal', ...from, previous, heads, validRound: null, seats: null },
      signer.sign,
    );
    previous = cutHash(proposal);
    const vote = { type: 'vote' as const, ...from, cut: previous };
    log.push(
      proposal,
      await signRecord<VoteRecord>({ ...vote, step: 'prevote' }, signer.sign),
      await signRecord<VoteRecord>({ ...vote, step: 'precommit' }, signer.sign),
    );
  }
  return { witnesses: [{ key: signer.publicKey, weight: 1 }], log };
}

if (import.meta.main) {
  const { printFigures } = await import('./lib.ts');
  printFigures(await restart(Deno.args.map(Number)));
}
