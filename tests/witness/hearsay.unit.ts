import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import {
  encodeRecord,
  importSigner,
  type ProposalRecord,
  type Signer,
  signRecord,
} from '../../feeds/records/mod.ts';
import { Hearsay } from '../../node/witness/hearsay.ts';

const ZEROS = new Uint8Array(32);

/** The core of a number, one row for each log. */
function coreOf(row: number, number: number): Uint8Array {
  const core = new Uint8Array(32).fill(row);
  new DataView(core.buffer).setUint32(4, number);
  return core;
}

/** A log whose proposals name what the test wants. */
class Log {
  readonly core: Uint8Array;
  readonly blocks: (Uint8Array | null)[] = [ZEROS];

  private constructor(readonly signer: Signer, number: number) {
    this.core = new Uint8Array(32).fill(number);
  }

  static async of(number: number): Promise<Log> {
    return new Log(await importSigner(new Uint8Array(32).fill(number)), number);
  }

  async proposal(cores: Uint8Array[], isSigned = true): Promise<Uint8Array> {
    const heads = cores.map((core) => ({ core, length: 1, treeHash: ZEROS }));
    const at = { network: ZEROS, epoch: this.blocks.length, round: 0, previous: ZEROS };
    const { publicKey: witness, sign } = this.signer;
    const record = await signRecord<ProposalRecord>(
      { type: 'proposal', ...at, heads, validRound: null, seats: null, witness },
      sign,
    );
    const signature = isSigned
      ? record.signature
      : record.signature.with(3, record.signature[3]! ^ 1);
    return encodeRecord({ ...record, signature });
  }

  async names(row: number, from: number, count: number): Promise<void> {
    const cores = Array.from({ length: count }, (_, i) => coreOf(row, from + i));
    this.blocks.push(await this.proposal(cores));
  }

  /** One pass over it. */
  async heard(hearsay: Hearsay): Promise<string[]> {
    const { core, blocks, signer } = this, identity = toHex(signer.publicKey);
    const found = await hearsay.hear(
      { core, identity, length: blocks.length },
      (_, start, end) => Promise.resolve(blocks.slice(start, end)),
    );
    return found.map(toHex);
  }
}

const rowOf = (row: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => toHex(coreOf(row, from + i)));

t.test('logs that name junk do not keep out what an honest one names', async (t) => {
  const hearsay = new Hearsay();
  const junk = await Promise.all([1, 2, 3, 4].map((number) => Log.of(number)));
  for (const [row, log] of junk.entries()) {
    for (let from = 0; from < 1500; from += 500) await log.names(10 + row, from, 500);
  }
  for (let pass = 0; pass < 50; pass++) {
    for (const [row, log] of junk.entries()) {
      const all = rowOf(10 + row, 0, 1500);
      t.strictSame(await log.heard(hearsay), all.slice(32 * pass, 32 * (pass + 1)));
    }
  }
  const honest = await Log.of(5);
  await honest.names(20, 0, 40);
  t.same(await honest.heard(hearsay), rowOf(20, 0, 32), 'so many in one pass');
  t.same(await honest.heard(hearsay), rowOf(20, 32, 8), 'it goes on inside a proposal');
  t.same(await honest.heard(hearsay), []);
  // More of the same.
  for (const [row, log] of junk.entries()) await log.names(10 + row, 1500, 64);
  for (let pass = 0; pass < 2; pass++) for (const log of junk) await log.heard(hearsay);
  const other = await Log.of(6);
  await other.names(20, 0, 40);
  t.same(await other.heard(hearsay), [], 'what the honest one named is not forgotten');
  await other.names(10, 0, 1);
  await other.names(10, 1563, 1);
  t.same(await other.heard(hearsay), rowOf(10, 0, 1), 'the oldest junk is, and no other');
});

t.test('a proposal that its witness did not sign names nothing', async (t) => {
  const hearsay = new Hearsay();
  const log = await Log.of(1), stranger = await Log.of(2);
  const [one, two, three] = [coreOf(10, 1), coreOf(10, 2), coreOf(10, 3)];
  log.blocks.push(await log.proposal([one], false));
  log.blocks.push(await stranger.proposal([two]));
  log.blocks.push(await log.proposal([three]));
  t.same(await log.heard(hearsay), [toHex(three)]);
  stranger.blocks.push(await stranger.proposal([one]));
  t.same(await stranger.heard(hearsay), [toHex(one)], 'nor is it taken for known');
});

t.test('a missing block stops nothing, and is taken once it comes', async (t) => {
  const hearsay = new Hearsay();
  const log = await Log.of(1);
  for (let i = 0; i < 4; i++) await log.names(10 + i, 0, 40);
  const [, first, , third] = log.blocks;
  log.blocks[1] = log.blocks[3] = null;
  t.same(await log.heard(hearsay), rowOf(11, 0, 32), 'what comes behind it is taken');
  t.same(await log.heard(hearsay), [...rowOf(11, 32, 8), ...rowOf(13, 0, 24)]);
  t.same(await log.heard(hearsay), rowOf(13, 24, 16));
  t.same(await log.heard(hearsay), []);
  log.blocks[3] = third!;
  t.same(await log.heard(hearsay), rowOf(12, 0, 32), 'of two the second comes first');
  log.blocks[1] = first!;
  t.same(await log.heard(hearsay), rowOf(12, 32, 8));
  t.same(await log.heard(hearsay), rowOf(10, 0, 32));
  t.same(await log.heard(hearsay), rowOf(10, 32, 8));
  t.same(await log.heard(hearsay), []);
});

t.test('a log that lacks very much is waited for, but not for ever', async (t) => {
  let now = 0;
  const hearsay = new Hearsay(() => now);
  const log = await Log.of(1);
  log.blocks.push(...Array.from({ length: 2000 }, () => null));
  await log.names(10, 0, 1);
  for (let pass = 0; pass < 9; pass++) t.same(await log.heard(hearsay), []);
  log.blocks[900] = await log.proposal([coreOf(11, 0)]);
  const found: string[] = [];
  for (let pass = 0; pass < 3; pass++) found.push(...await log.heard(hearsay));
  t.same(found, rowOf(11, 0, 1), 'it comes late');
  now = 6 * 60_000;
  for (let pass = 0; pass < 9; pass++) {
    found.push(...await log.heard(hearsay));
    now += 6 * 60_000;
  }
  t.same(found.slice(1), rowOf(10, 0, 1));
});
