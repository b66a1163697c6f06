import { deserialize, serialize } from 'node:v8';
import t from 'tap';
import { bytes, hex } from './duties.ts';
import { type Party, World } from '../trust/world.ts';
import { toHex } from '../../feeds/base/mod.ts';
import type { Cut } from '../../feeds/agreement/mod.ts';
import type { Block } from '../../feeds/client/mod.ts';
import type { IdentityRecord } from '../../feeds/records/mod.ts';
import { TrustFold, type TrustState } from '../../feeds/trust/mod.ts';
import { AuditFollower, type AuditState } from '../../node/auditor/mod.ts';

/** A made-up mesh's logs, as one of its parties has them all. */
function feedsOf(world: World, { key, cores }: Party) {
  return {
    identity: { publicKey: key, ...cores } as IdentityRecord,
    holds: (spans: unknown[]) => Promise.resolve(spans.map(() => true)),
    follow: () => Promise.resolve(),
    update: () => Promise.reject(new Error('not reached')),
    async *read(
      core: Uint8Array,
      { start = 0, end = Infinity }: { start?: number; end?: number } = {},
    ): AsyncGenerator<Block> {
      const { blocks } = world.logs.get(toHex(core))!;
      for (let index = start; index < Math.min(end, blocks.length); index++) {
        await Promise.resolve();
        yield { index, value: blocks[index]! };
      }
    },
  };
}

async function* cutsOf(
  { cuts, options: { witnesses } }: World,
  from = 0,
  to = Infinity,
): AsyncGenerator<Cut> {
  for (const { cut } of cuts.slice(from, to)) {
    const heads = cut.spans.map(({ core, to }) => ({ core, length: to, treeHash: bytes('tree') }));
    await Promise.resolve();
    yield {
      ...cut,
      heads,
      previous: bytes('previous'),
      seats: null,
      electorate: witnesses,
      votes: [],
    };
  }
  // It is known that there are no more: what is there is acted upon.
  await new Promise((resolve) => setTimeout(resolve, 100));
}

t.test('a node that begins anew comes to the same record, and knows what it said', async (t) => {
  const world = new World();
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  const { subject } = world.work(requester, executor);
  await world.pass(3);
  const [duty] = world.fold.dutiesOf(subject);
  const auditor = world.auditors.find(({ hex }) => hex === duty!.auditor)!;
  // Written, and in no cut yet.
  world.append(auditor, 'attestations', {
    type: 'verdictCommit',
    network: bytes('network'),
    subject: bytes('another subject'),
    value: bytes('value'),
    at: 0,
  });
  const fold = new TrustFold(world.options);
  const settled: number[] = [];
  let cuts = 0;
  const follower = new AuditFollower({
    feeds: feedsOf(world, auditor),
    cuts: cutsOf(world),
    fold,
    onCut: () => cuts++,
    onSettled: ({ epoch }) => {
      settled.push(epoch);
      t.ok(follower.own.get(hex('another subject')).commit, 'what no cut covers is read');
      return Promise.resolve();
    },
    onStall: () => t.fail('nothing is missing'),
    signal: new AbortController().signal,
  });
  await follower.run();
  t.equal(cuts, world.cuts.length);
  t.equal(settled.at(-1), world.epoch, 'at the end of what is known');
  t.equal(toHex(fold.digest), world.fold.view().digest);
  t.ok(follower.own.get(subject).requested, 'what it said before');
  t.notOk(follower.own.get(hex('never heard of')).requested);
});

t.test('a cut that the fold cannot take ends it', async (t) => {
  const world = new World();
  await world.pass(2);
  world.cuts.shift();
  const follower = new AuditFollower({
    feeds: feedsOf(world, world.auditors[0]!),
    cuts: cutsOf(world),
    fold: new TrustFold(world.options),
    onCut: () => t.fail('it was not folded'),
    onSettled: () => Promise.resolve(),
    onStall: () => {},
    signal: new AbortController().signal,
  });
  await t.rejects(follower.run(), { code: 'TRUST_WRONG_CUT' });
});

t.test('a node that goes on where it was knows what one that begins anew knows', async (t) => {
  const world = new World();
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  const first = world.work(requester, executor).subject;
  await world.pass(6);
  const second = world.work(requester, executor).subject;
  await world.pass(8);
  const [duty] = world.fold.dutiesOf(first);
  const auditor = world.auditors.find(({ hex }) => hex === duty!.auditor)!;
  const feeds = feedsOf(world, auditor);
  const settled: number[] = [];
  let wake = () => {};
  const follow = (
    fold: TrustFold,
    cuts: AsyncIterable<Cut>,
    from?: AuditState & { cut: Cut },
  ): AuditFollower =>
    new AuditFollower({
      feeds,
      cuts,
      fold,
      ...(from === undefined ? {} : { from }),
      onCut: () => {},
      onSettled: ({ epoch }) => {
        settled.push(epoch);
        wake();
        return Promise.resolve();
      },
      onStall: () => t.fail('nothing is missing'),
      signal: new AbortController().signal,
    });
  const anew = follow(new TrustFold(world.options), cutsOf(world));
  await anew.run();
  const fold = new TrustFold(world.options);
  const until = follow(fold, cutsOf(world, 0, 8));
  await until.run();
  const kept: { fold: TrustState; follower: AuditState } = deserialize(
    serialize({ fold: fold.state(), follower: until.state() }),
  );
  const later = TrustFold.restore(world.options, kept.fold);
  settled.length = 0;
  const cut = {
    ...world.cuts[7]!.cut,
    heads: [],
    previous: bytes('previous'),
    seats: null,
    electorate: world.options.witnesses,
    votes: [],
  };
  const { follower } = kept;
  const on = follow(later, cutsOf(world, 8), { ...follower, cut });
  await on.run();
  t.equal(toHex(later.digest), toHex(world.fold.digest));
  t.same(on.state(), anew.state());
  t.ok(on.own.get(first).requested && on.own.get(second), 'what it said before and after');
  t.same(settled, [world.epoch]);
  // Nothing new comes: it acts on what it knew.
  const stop = new AbortController();
  const acted = new Promise<void>((resolve) => wake = resolve);
  const idle = follow(TrustFold.restore(world.options, kept.fold), silence(stop.signal), {
    ...follower,
    cut,
  });
  const running = idle.run();
  await acted;
  t.same(settled, [world.epoch, 7]);
  stop.abort();
  await running;
});

// deno-lint-ignore require-yield -- no cut ever comes
async function* silence(signal: AbortSignal): AsyncGenerator<Cut> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}
