import t from 'tap';
import nacl from 'tweetnacl';
import { bytes, dutyOf, hex } from './duties.ts';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Block } from '../../feeds/client/mod.ts';
import {
  decodeRecord,
  encodeRecord,
  type LogRecord,
  verdictCommitment,
  type VerdictRevealRecord,
} from '../../feeds/records/mod.ts';
import type { Duty } from '../../feeds/trust/mod.ts';
import { type AuditDeps, AuditWorker, Identities, OwnEntries } from '../../node/auditor/mod.ts';
import { defaultRules } from '../../node/network/mod.ts';

const me = bytes('auditor'), network = bytes('network');
const log = { core: hex('log'), index: 1, cut: 6 };

/** A duty whose key was opened in cut 6. */
function opened(name: string, due: number): Duty {
  return dutyOf(name, { state: 'opened', open: log, due });
}

/** A worker whose every audit fails with a code, or hangs until it is stopped. */
class World {
  readonly kept: VerdictRevealRecord[] = [];
  readonly logged: LogRecord[] = [];
  readonly own = new OwnEntries();
  readonly errors: unknown[] = [];
  tries = 0;
  hangs: Promise<void> | null = null;
  readonly worker: AuditWorker;

  constructor(signal: AbortSignal = new AbortController().signal) {
    const deps: AuditDeps = {
      network,
      rules: defaultRules(),
      me,
      secret: nacl.box.keyPair().secretKey,
      feeds: { read: () => this.#read() },
      append: (_log, blocks) => {
        this.logged.push(...blocks.map((block) => decodeRecord(block)));
        return Promise.resolve({ index: this.logged.length, length: this.logged.length });
      },
      engine: { score: () => never() },
      modelOf: never,
      readTable: () => null,
      payloads: { keyOf: () => null, fetch: never, openings: never },
      drafts: {
        subjects: [],
        drop: () => Promise.resolve(),
        get: () => null,
        keep: (draft) => {
          this.kept.push(draft);
          return Promise.resolve();
        },
      },
      now: () => 0,
      random: (count) => new Uint8Array(count),
    };
    this.worker = new AuditWorker({
      deps,
      identities: new Identities(),
      own: this.own,
      onError: (thrown) => this.errors.push(thrown),
      signal,
    });
  }

  async *#read(): AsyncGenerator<Block> {
    this.tries++;
    await this.hangs;
    const sealed = new Uint8Array(72);
    const open: LogRecord = {
      type: 'open',
      subject: bytes('a'),
      job: bytes('job'),
      attempt: 0,
      auditor: me,
      sealed,
      at: 0,
    };
    yield { index: 1, value: encodeRecord(open) };
  }

  async idle(): Promise<void> {
    while (this.worker.waiting > 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function never(): never {
  throw new NexusError('UNEXPECTED', 'not reached');
}

t.test('what failed is tried again while there is time, then said', async (t) => {
  const world = new World();
  const duty = opened('a', 10);
  for (const epoch of [6, 7, 8]) {
    world.worker.assign([duty], epoch);
    await world.idle();
    t.equal(world.tries, epoch - 5);
    t.equal(world.logged.length, 0);
  }
  world.worker.assign([duty], 9);
  await world.idle();
  t.equal(world.tries, 3, 'no time for another try');
  t.match(world.kept, [{ finding: 'inconclusive', detail: 'ENTRY_GONE', evidence: [] }]);
  const [commit] = world.logged as (LogRecord & { type: 'verdictCommit' })[];
  t.equal(toHex(commit!.value), toHex(verdictCommitment(me, world.kept[0]!)));
  t.ok(world.own.get(hex('a')).commit, 'it will not be said again');
  t.strictSame(world.errors, []);
});

t.test('what failed is said with a quarter of the time to spare', async (t) => {
  const world = new World();
  const duty = opened('a', 26);
  for (const [epoch, said] of [[19, 0], [20, 0], [21, 1]] as const) {
    world.worker.assign([duty], epoch);
    await world.idle();
    t.equal(world.logged.length, said, `cut ${epoch}`);
  }
});

t.test('a key that comes in the last cut is tried once', async (t) => {
  const world = new World();
  world.worker.assign([opened('a', 7)], 6);
  await world.idle();
  t.equal(world.tries, 1);
  t.equal(world.logged.length, 0, 'the next cut may come in time');
  world.worker.assign([opened('a', 8)], 7);
  await world.idle();
  t.equal(world.logged.length, 1);
});

t.test('one audit at a time; what the cuts no longer ask for is not begun', async (t) => {
  const world = new World();
  let resolve = () => {};
  world.hangs = new Promise((done) => resolve = done);
  world.worker.assign([opened('a', 20), opened('b', 20), opened('c', 20)], 6);
  t.equal(world.worker.waiting, 3);
  t.equal(world.tries, 1);
  world.worker.assign([opened('a', 20), opened('c', 20)], 7);
  t.equal(world.worker.waiting, 2);
  resolve();
  await world.idle();
  t.equal(world.tries, 2, 'a and c');
});

t.test('what the cuts no longer ask for is left where it is', async (t) => {
  const world = new World();
  let resolve = () => {};
  world.hangs = new Promise((done) => resolve = done);
  world.worker.assign([opened('a', 8)], 6);
  world.worker.assign([], 8);
  resolve();
  await world.idle();
  t.equal(world.logged.length, 0, 'a commitment would count for nothing');
});

t.test('a node that stops commits to nothing more', async (t) => {
  const stop = new AbortController();
  const world = new World(stop.signal);
  let resolve = () => {};
  world.hangs = new Promise((done) => resolve = done);
  world.worker.assign([opened('a', 7), opened('b', 7)], 7);
  stop.abort();
  resolve();
  await world.idle();
  t.equal(world.logged.length, 0);
  t.strictSame(world.errors, []);
});
