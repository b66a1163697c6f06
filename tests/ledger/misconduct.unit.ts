import fc from 'fast-check';
import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { Clocks, equivocationRecord, judgeEquivocation } from '../../feeds/ledger/mod.ts';
import {
  decodeHead,
  encodeHead,
  type Prefix,
  type SignedHead,
  treeHashAt,
} from '../../feeds/proof/mod.ts';
import {
  decodeRecord,
  encodeRecord,
  type EquivocationRecord,
  importSigner,
  type ProposalRecord,
  signRecord,
  type VoteRecord,
} from '../../feeds/records/mod.ts';
import { history, prefixIn, Writer } from './histories.ts';

const NETWORK = new Uint8Array(32).fill(9);
const OFFENDER = new Uint8Array(32).fill(1);
const writer = await Writer.of(5);
const stranger = await Writer.of(6);
const ownerOf = (core: string): string | null =>
  core === toHex(writer.key)
    ? toHex(OFFENDER)
    : core === toHex(stranger.key)
    ? 'ff'.repeat(32)
    : null;
const shown = (head: SignedHead, prefix: Prefix | null = null) => ({ head, prefix });
const accuse = (first: SignedHead, second: SignedHead, prefix: Prefix | null = null) =>
  equivocationRecord(
    NETWORK,
    OFFENDER,
    { proof: 'heads', first: shown(first), second: shown(second, prefix) },
    0,
  );
const verdict = async (record: EquivocationRecord): Promise<string> => {
  const judged = await judgeEquivocation(record, ownerOf);
  return 'code' in judged ? `${judged.code}: ${judged.detail}` : judged.cause;
};
const isRefused = async (record: EquivocationRecord): Promise<boolean> =>
  (await verdict(record)).startsWith('proof-invalid');
const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
};
/** A bit of every byte: all of them take too long to be hashed. */
const oneOfEachByte = (bytes: Uint8Array): number[] =>
  Array.from(bytes, (_, i) => 8 * i + (5 * i) % 8);

t.test('a head is read as it was written', async (t) => {
  for (const length of [1, 2, 7, 100]) {
    const head = await writer.head(history(length));
    t.same(decodeHead(encodeHead(head)), { head, prefix: null });
    if (length === 1) continue;
    const prefix = prefixIn(history(length), length >> 1);
    t.same(decodeHead(encodeHead(head, prefix)), { head, prefix });
  }
  t.ok(encodeHead(await writer.head(history(3))).length < 256);
});

t.test('no bytes but those of a head are read as one', async (t) => {
  const bytes = encodeHead(await writer.head(history(6)), prefixIn(history(6), 4));
  for (let n = 0; n < bytes.length; n++) {
    t.throws(() => decodeHead(bytes.subarray(0, n)), { code: 'PROOF_BAD_ENCODING' });
  }
  for (const more of [new Uint8Array(1), new Uint8Array(30_000)]) {
    const long = Uint8Array.from([...bytes, ...more]);
    t.throws(() => decodeHead(long), { code: 'PROOF_BAD_ENCODING' });
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
    try {
      return toHex(encodeHead(decodeHead(bytes).head)) === toHex(bytes);
    } catch (error) {
      return error instanceof NexusError && error.code === 'PROOF_BAD_ENCODING';
    }
  }));
});

t.test('every shorter length of a core leads to its tree', async (t) => {
  const length = 21;
  const head = await writer.head(history(length));
  for (let n = 1; n < length; n++) {
    const prefix = prefixIn(history(length), n);
    const hash = treeHashAt(head, n, prefix);
    t.same(hash, (await writer.head(history(n))).treeHash, `at ${n}`);
    const more = { ...prefix, nodes: [...prefix.nodes, prefix.peaks[0]!] };
    t.throws(() => treeHashAt(head, n, more), { code: 'PROOF_BAD_PREFIX' });
    t.throws(() => treeHashAt(head, n + 1, prefix), { code: 'PROOF_BAD_PREFIX' });
    t.throws(() => treeHashAt(head, n, { ...prefix, nodes: [] }), { code: 'PROOF_BAD_PREFIX' });
  }
  for (const bad of [0, -1, 0.5, length, length + 1, 2 ** 53, NaN]) {
    t.throws(() => treeHashAt(head, bad, prefixIn(history(length), 1)), {
      code: 'PROOF_BAD_PREFIX',
    });
  }
});

t.test('two histories of one core are proven, of one length or not', async (t) => {
  const head = await writer.head(history(6));
  const record = accuse(head, await writer.head(history(6, 2)));
  t.equal(await verdict(record), 'equivocation');
  t.same(decodeRecord(encodeRecord(record)), record, 'it fits into an entry');
  const evidence = (record: EquivocationRecord) => judgeEquivocation(record, ownerOf);
  const swapped = accuse(await writer.head(history(6, 2)), head);
  t.same(swapped, record, 'all who saw the same write the same');
  const longer = history(9, 3);
  const other = accuse(head, await writer.head(longer), prefixIn(longer, 6));
  t.equal(await verdict(other), 'equivocation');
  t.same(await evidence(other), await evidence(record), 'one misdeed, however it is shown');
});

t.test('what an honest writer signs proves nothing', async (t) => {
  const six = await writer.head(history(6));
  const nine = await writer.head(history(9));
  t.ok(await isRefused(accuse(six, six)), 'the same head twice');
  t.ok(await isRefused(accuse(six, nine)), 'a log that grew');
  t.ok(await isRefused(accuse(six, nine, prefixIn(history(9), 6))), 'with what it held before');
  t.ok(await isRefused(accuse(six, nine, prefixIn(history(9, 3), 6))), 'with a made-up one');
  t.ok(await isRefused(accuse(six, six, prefixIn(history(9), 6))));
  const lengths = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }));
  await fc.assert(
    fc.asyncProperty(lengths, fc.nat(39), async ([a, b], at) => {
      const [one, two] = [await writer.head(history(a)), await writer.head(history(b))];
      const long = Math.max(a, b);
      const prefix = long > 1 ? prefixIn(history(long), 1 + at % (long - 1)) : null;
      return await isRefused(accuse(one, two)) && await isRefused(accuse(one, two, prefix)) &&
        await isRefused(accuse(two, one, prefix));
    }),
    { numRuns: 60 },
  );
});

t.test('a fork above 0 is proven by one head', async (t) => {
  const fork = async (n: number, second = new Uint8Array()) => ({
    ...equivocationRecord(
      NETWORK,
      OFFENDER,
      { proof: 'fork', head: shown(await writer.head(history(3), n)) },
      0,
    ),
    second,
  });
  t.equal(await verdict(await fork(1)), 'fork');
  t.equal(await verdict(await fork(2 ** 40)), 'fork');
  t.ok(await isRefused(await fork(0)));
  t.ok(await isRefused(await fork(1, new Uint8Array(1))));
  const [one, two] = [await writer.head(history(6), 1), await writer.head(history(6, 2))];
  t.ok(await isRefused(accuse(one, two)), 'histories of different forks are no two of one');
});

t.test('only the owner of the core is accused', async (t) => {
  const foreign = accuse(await stranger.head(history(6)), await stranger.head(history(6, 2)));
  t.match(await verdict(foreign), /of another identity/);
  const mixed = accuse(await writer.head(history(6)), await stranger.head(history(6, 2)));
  t.ok(await isRefused(mixed));
  const nobody = await Writer.of(7);
  const unknown = accuse(await nobody.head(history(6)), await nobody.head(history(6, 2)));
  t.match(await verdict(unknown), /in no cut/);
});

t.test('a flipped bit in any byte of a proof is refused', async (t) => {
  const longer = history(9, 3);
  const records = [
    accuse(await writer.head(history(6)), await writer.head(history(6, 2))),
    accuse(await writer.head(history(6)), await writer.head(longer), prefixIn(longer, 6)),
    equivocationRecord(
      NETWORK,
      OFFENDER,
      { proof: 'fork', head: shown(await writer.head(history(3), 1)) },
      0,
    ),
  ];
  const taken: string[] = [];
  for (const record of records) {
    for (const half of ['first', 'second'] as const) {
      for (const bit of oneOfEachByte(record[half])) {
        const changed = { ...record, [half]: flip(record[half], bit) };
        if (!await isRefused(changed)) taken.push(`${record.proof} ${half} ${bit}`);
      }
    }
  }
  t.same(taken, []);
});

t.test('whatever stands in an accusation, it is judged and nothing is thrown', async (t) => {
  const record = accuse(await writer.head(history(6)), await writer.head(history(6, 2)));
  const huge = new Uint8Array(30_000).fill(1);
  // No point of the curve, and one of small order.
  const points = [new Uint8Array(32).fill(255), Uint8Array.of(1, ...new Uint8Array(31))];
  for (const proof of ['heads', 'fork', 'votes'] as const) {
    t.ok(await isRefused({ ...record, proof, first: huge, second: huge }));
    t.ok(await isRefused({ ...record, proof, first: new Uint8Array(), second: new Uint8Array() }));
    if (proof !== 'heads') t.ok(await isRefused({ ...record, proof }));
    for (const point of points) {
      const head = decodeHead(record.first).head;
      const manifest = head.manifest.slice();
      manifest.set(point, manifest.length - 32);
      const first = encodeHead({ ...head, manifest });
      t.ok(await isRefused({ ...record, proof, first }));
    }
  }
  const blob = fc.uint8Array({ maxLength: 600 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<'heads' | 'fork' | 'votes'>('heads', 'fork', 'votes'),
      blob,
      blob,
      (
        proof,
        first,
        second,
      ) => isRefused({ ...record, proof, first, second }),
    ),
  );
});

const witness = await importSigner(new Uint8Array(32).fill(8));
const sign = (message: Uint8Array) => witness.sign(message);
const vote = (some: Partial<VoteRecord> = {}): Promise<VoteRecord> =>
  signRecord<VoteRecord>({
    type: 'vote',
    network: NETWORK,
    epoch: 4,
    round: 0,
    step: 'prevote',
    cut: null,
    witness: witness.publicKey,
    ...some,
  }, sign);
const proposal = (some: Partial<ProposalRecord> = {}): Promise<ProposalRecord> =>
  signRecord<ProposalRecord>({
    type: 'proposal',
    network: NETWORK,
    epoch: 4,
    round: 0,
    previous: new Uint8Array(32),
    heads: [],
    validRound: null,
    seats: null,
    witness: witness.publicKey,
    ...some,
  }, sign);

t.test('a witness who answers one question twice is proven', async (t) => {
  const cut = new Uint8Array(32).fill(2);
  const make = (first: VoteRecord | ProposalRecord, second: typeof first, more = {}) => ({
    type: 'equivocation' as const,
    network: NETWORK,
    offender: witness.publicKey,
    proof: 'votes' as const,
    first: encodeRecord(first),
    second: encodeRecord(second),
    at: 0,
    ...more,
  });
  const [no, yes] = [await vote(), await vote({ cut })];
  t.equal(await verdict(make(no, yes)), 'equivocation');
  const both = [await proposal(), await proposal({ previous: cut })] as const;
  t.equal(await verdict(make(...both)), 'equivocation');
  t.ok(await isRefused(make(no, no)), 'the same twice');
  t.ok(await isRefused(make(no, await vote({ cut, round: 1 }))), 'another round');
  t.ok(await isRefused(make(no, await vote({ cut, step: 'precommit' }))), 'another step');
  t.ok(await isRefused(make(no, both[0])), 'messages of two kinds');
  t.ok(await isRefused(make(no, yes, { offender: OFFENDER })), 'of another identity');
  t.ok(await isRefused(make(no, yes, { network: OFFENDER })), 'of another network');
  t.ok(await isRefused(make(no, { ...yes, signature: new Uint8Array(64) })), 'unsigned');
  const record = make(no, yes);
  for (const bit of oneOfEachByte(record.second)) {
    if (!await isRefused({ ...record, second: flip(record.second, bit) })) t.fail(`bit ${bit}`);
  }
  const { kind, witness: who, first, second } = {
    kind: 'vote' as const,
    witness: witness.publicKey,
    first: no,
    second: yes,
  };
  const equivocation = { kind, witness: who, first, second };
  const made = equivocationRecord(NETWORK, who, { proof: 'votes', equivocation }, 7);
  t.equal(await verdict(made), 'equivocation');
});

t.test('an entry far before an earlier one of its log is backdated, once', (t) => {
  const HOUR = 3_600_000;
  const clocks = new Clocks();
  t.equal(clocks.take('a', 10 * HOUR), null);
  t.equal(clocks.take('a', 9.5 * HOUR), null, 'a clock that was set back by half an hour');
  t.equal(clocks.take('b', 1 * HOUR), null, 'another log has its own time');
  t.equal(clocks.take('a', 8.5 * HOUR), 1.5 * HOUR, 'measured from the newest');
  t.equal(clocks.take('a', 8.5 * HOUR), null, 'from there on');
  t.same(new Clocks(clocks.state()).state(), clocks.state());
  const jumps = fc.array(fc.integer({ min: -HOUR / 4, max: HOUR }), { maxLength: 50 });
  fc.assert(fc.property(jumps, (jumps) => {
    // A clock that goes on, off by up to a quarter of an hour either way.
    const honest = new Clocks();
    return jumps.every((off, i) => honest.take('a', i * 1000 + Math.min(off, HOUR / 4)) === null);
  }));
  t.end();
});
