import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { World } from '../trust/world.ts';
import { toHex } from '../../feeds/base/mod.ts';
import { TrustFold } from '../../feeds/trust/mod.ts';
import { type Snapshot, SnapshotFile, SnapshotKeeper } from '../../node/snapshot/mod.ts';

const ZEROS = new Uint8Array(32), ONES = new Uint8Array(32).fill(1);
const OWNER = { program: '1.2.3', network: ONES, identity: ZEROS };

/** A snapshot after the cuts of a made-up mesh. */
function snapshotOf({ fold, epoch }: World): Snapshot {
  const cut = {
    epoch,
    hash: ONES,
    previous: ZEROS,
    heads: [],
    spans: [],
    seats: null,
    electorate: [],
    votes: [],
  };
  const view = {
    cut,
    covered: new Map([['00', { length: 1, treeHash: ONES, epoch: 0 }]]),
    electorate: { since: 0, now: [{ key: ONES, weight: 1 }], next: null },
    tally: { proposals: new Map(), votes: new Map(), rounds: new Map() },
    spoke: new Map([['aa', epoch]]),
    certificates: new Map(),
  };
  return {
    cut,
    cuts: { view, positions: new Map([['00', { witness: 'aa', at: 7 }]]) },
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
      read: new Map([['00', 3]]),
      chains: { chains: [], revealed: 2 },
    },
    entitled: new Map([['job-0', new Set(['aa'])]]),
    memory: null,
  };
}

t.test('a snapshot is read as it was written, for its owner alone', async (t) => {
  const path = join(t.testdir(), 'snapshot');
  const world = new World();
  await world.pass(5);
  const file = new SnapshotFile(path, OWNER);
  t.equal(await file.read(), null, 'none yet');
  const snapshot = snapshotOf(world);
  const { bytes } = await file.write(snapshot);
  const { mode, size } = statSync(path);
  t.equal(size, bytes);
  if (process.platform !== 'win32') t.equal(mode & 0o777, 0o600);
  const read = await file.read();
  t.same(read, snapshot);
  const fold = TrustFold.restore(world.options, read!.fold.trust);
  t.equal(toHex(fold.digest), toHex(world.fold.digest));
  const others = [
    [{ ...OWNER, program: '1.2.4' }, 'SNAPSHOT_OTHER_VERSION'],
    [{ ...OWNER, network: ZEROS }, 'SNAPSHOT_FOREIGN'],
    [{ ...OWNER, identity: ONES }, 'SNAPSHOT_FOREIGN'],
  ] as const;
  for (const [owner, code] of others) {
    await t.rejects(new SnapshotFile(path, owner).read(), { code });
  }
});

t.test('whatever byte of it changes, it is refused', async (t) => {
  const path = join(t.testdir(), 'snapshot');
  const world = new World();
  await world.pass(2);
  const file = new SnapshotFile(path, OWNER);
  await file.write(snapshotOf(world));
  const whole = readFileSync(path);
  const code = 'SNAPSHOT_DAMAGED';
  for (let at = 0; at < whole.length; at += at < 400 ? 1 : 997) {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1;
    writeFileSync(path, bytes);
    await t.rejects(file.read(), { code }, `byte ${at}`);
  }
  for (
    const short of [whole.subarray(0, whole.length - 1), whole.subarray(0, 20), Buffer.alloc(0)]
  ) {
    writeFileSync(path, short);
    await t.rejects(file.read(), { code }, `${short.length} bytes`);
  }
});

t.test('one that cannot be written, or is killed in the midst, leaves the one before', async (t) => {
  const folder = t.testdir(), path = join(folder, 'snapshot');
  const world = new World();
  await world.pass(2);
  const first = snapshotOf(world);
  const file = new SnapshotFile(path, OWNER);
  await file.write(first);
  // What a killed write leaves.
  writeFileSync(`${path}.0123456789ab.new`, 'half of one');
  await world.pass(2);
  if (process.platform !== 'win32' && process.getuid?.() !== 0) {
    chmodSync(folder, 0o500);
    await t.rejects(file.write(snapshotOf(world)));
    chmodSync(folder, 0o700);
  }
  const errors: unknown[] = [];
  const keeper = new SnapshotKeeper({ file, onError: (thrown) => errors.push(thrown) });
  t.same(await keeper.load(), first);
  t.same(readdirSync(folder), [basename(path)], 'halves are swept away');
  t.same(errors, []);
});

t.test('a keeper writes now and then, and tells once of what it cannot read', async (t) => {
  const path = join(t.testdir(), 'snapshot');
  const world = new World();
  const errors: { code: string }[] = [];
  let now = 0, made = 0;
  const keeper = new SnapshotKeeper({
    file: new SnapshotFile(path, OWNER),
    onError: (thrown) => errors.push(thrown as { code: string }),
    everyCuts: 4,
    leastMs: 100,
    tick: () => now,
  });
  const make = () => {
    made++;
    return snapshotOf(world);
  };
  for (let i = 0; i < 10; i++) {
    await world.cut();
    keeper.folded(make);
  }
  t.equal(made, 0, 'too soon');
  now = 100;
  await world.cut();
  keeper.folded(make);
  t.equal(made, 1);
  now = 1000;
  for (let i = 0; i < 3; i++) keeper.folded(make);
  t.equal(made, 1, 'too few cuts');
  await keeper.close(null);
  t.equal((await keeper.load())?.cut.epoch, 10);
  await world.cut();
  await keeper.close(make);
  t.equal((await keeper.load())?.cut.epoch, 11);
  await keeper.close(make);
  t.equal(made, 2, 'nothing new');
  writeFileSync(path, 'nonsense');
  t.same(await Promise.all([keeper.load(), keeper.load()]), [null, null]);
  t.same(errors.map(({ code }) => code), ['SNAPSHOT_DAMAGED']);
});
