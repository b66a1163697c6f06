import t, { type Test } from 'tap';
import type { Channel } from '../../feeds/client/mod.ts';
import { type ArtifactRecord, decodeRecord, encodeRecord } from '../../feeds/records/mod.ts';
import { signRecord } from '../../feeds/records/mod.ts';
import {
  decodeMessage,
  encodeMessage,
  type JobEvent,
  type JobMessage,
} from '../../node/job/mod.ts';
import { collect, edited, type FakeExecutor, request, World } from './world.ts';

const failovers = (events: JobEvent[]) => events.filter((e) => e.type === 'failover');
const raw = (b: Uint8Array) => [b];

/** Lets `lie` change each message that an executor sends. */
function liar(lie: (message: JobMessage) => JobMessage[] | Promise<JobMessage[]>) {
  return (channel: Channel): Channel => ({
    ...edited(channel, raw),
    send: async (bytes) => {
      for (const out of await lie(decodeMessage(bytes))) await channel.send(encodeMessage(out));
    },
  });
}

/** A job at a liar, which an honest second one ends. */
async function against(t: Test, lie: Parameters<typeof liar>[0]) {
  const world = await World.make({ executors: 2, rules: { settleMs: 100, cancelMs: 100 } });
  const [bad, good] = world.executors as [FakeExecutor, FakeExecutor];
  bad.tamper = liar(lie);
  const { deps, log } = await world.requester();
  const run = await collect(request(), deps);
  t.match(run.done, { executor: good.key, outputTokens: 40, finish: 'end' });
  await world.close();
  return { ...run, bad, log, deps };
}

/** Signs a changed artifact anew: only its content lies. */
async function resigned(
  executor: FakeExecutor,
  bytes: Uint8Array,
  change: Partial<ArtifactRecord>,
) {
  const { signature: _, ...rest } = decodeRecord(bytes.slice()) as ArtifactRecord;
  const { signer } = executor;
  const lie = await signRecord<ArtifactRecord>({ ...rest, ...change }, (m) => signer.sign(m));
  return encodeRecord(lie);
}

t.test('a wrong digest ends the attempt', async (t) => {
  const { events, log } = await against(t, (m) => [
    m.type === 'digest' ? { ...m, digest: new Uint8Array(32) } : m,
  ]);
  t.match(failovers(events), [{ cause: { code: 'BAD_DIGEST' } }]);
  t.equal(log.of('settle').find((s) => s.attempt === 0)!.digest, null);
});

t.test('a digest with a wrong signature ends the attempt', async (t) => {
  const { events } = await against(t, (m) => [
    m.type === 'digest' ? { ...m, signature: new Uint8Array(64) } : m,
  ]);
  t.match(failovers(events), [{ cause: { code: 'BAD_DIGEST' } }]);
});

t.test('a digest that leaves tokens out ends the attempt', async (t) => {
  const { events } = await against(t, (m) => [
    m.type === 'digest' ? { ...m, tokens: m.tokens - 1 } : m,
  ]);
  t.match(failovers(events), [{ cause: { code: 'BAD_DIGEST' } }]);
});

const lies: Partial<ArtifactRecord>[] = [
  { tokens: 41 },
  { root: new Uint8Array(32) },
  { offer: new Uint8Array(32) },
  { class: new Uint8Array(32) },
  { ncu: 1_000_000 },
  { finish: 'length' },
  { finish: 'cancelled' },
  { attempt: 1 },
  { promptTokens: 500 },
  { resumeAt: 1 },
];

t.test('a summary that lies in any field is not accepted', async (t) => {
  for (const lie of lies) {
    const world = await World.make({ executors: 2, rules: { settleMs: 50, cancelMs: 50 } });
    const [bad, good] = world.executors as [FakeExecutor, FakeExecutor];
    bad.tamper = liar(async (m) => {
      if (m.type !== 'summary') return [m];
      return [{ ...m, artifact: await resigned(bad, m.artifact, lie) }];
    });
    const { deps } = await world.requester();
    const { events, ids, done } = await collect(request(), deps);
    t.match(
      failovers(events),
      [{ cause: { code: 'BAD_SUMMARY' }, tokens: 40 }],
      Object.keys(lie).join(),
    );
    t.equal(ids.length, 40, 'the next one adds nothing');
    t.equal(done.executor, good.key);
    await world.close();
  }
});

t.test('where every token is there and the summary lies, it is said', async (t) => {
  const world = await World.make({ executors: 1, rules: { settleMs: 50, cancelMs: 50 } });
  const [bad] = world.executors as [FakeExecutor];
  bad.tamper = liar(async (m) => {
    if (m.type !== 'summary') return [m];
    return [{ ...m, artifact: await resigned(bad, m.artifact, { root: new Uint8Array(32) }) }];
  });
  const { deps } = await world.requester();
  const sampling = { tq: 716, pq: 65536, maxTokens: 24 };
  const { done } = await collect(request({ sampling }), deps);
  t.match(done, { finish: 'length', outputTokens: 24, executor: bad.key, attempts: 1 });
  t.match(done.warnings, [/^[0-9a-f]{8} has not signed for the end .* root is wrong/]);
  await world.close();
});

t.test('a summary with a wrong signature, or none at all, is not accepted', async (t) => {
  const forged = await against(t, (m) => {
    if (m.type !== 'summary') return [m];
    const artifact = m.artifact.slice();
    artifact[artifact.length - 1]! ^= 1;
    return [{ ...m, artifact }];
  });
  t.match(failovers(forged.events), [{ cause: { code: 'BAD_SUMMARY', message: /signature/ } }]);
  const empty = await against(t, (m) => [
    m.type === 'summary' ? { ...m, artifact: new Uint8Array(3) } : m,
  ]);
  t.match(failovers(empty.events), [{ cause: { code: 'BAD_SUMMARY' } }]);
});

t.test('gaps, repeats, empty batches, too many tokens and ids that are none', async (t) => {
  const cases: [string, (m: Extract<JobMessage, { type: 'tokens' }>) => JobMessage[], string][] = [
    ['gap', (m) => [{ ...m, position: m.position + 1 }], 'BAD_TOKENS'],
    ['repeat', (m) => [m, m], 'BAD_TOKENS'],
    ['empty', (m) => [{ ...m, ids: [] }], 'BAD_TOKENS'],
    ['too many', (m) => [{ ...m, ids: Array.from({ length: 65 }, () => 1) }], 'BAD_TOKENS'],
    ['a byte short', (m) => [{ ...m, bytes: m.bytes.subarray(1) }], 'BAD_TOKENS'],
    ['another byte', (m) => [{ ...m, bytes: m.bytes.map((byte) => byte ^ 1) }], 'BAD_DIGEST'],
    ['no ids', (m) => [{ ...m, ids: m.ids.map(() => 123_456) }], 'BAD_TOKEN'],
  ];
  for (const [name, lie, code] of cases) {
    const { events, ids } = await against(t, (m) => m.type === 'tokens' ? lie(m) : [m]);
    t.match(failovers(events), [{ cause: { code } }], name);
    t.equal(ids.length, 40, name);
    t.notOk(ids.includes(123_456));
  }
});

t.test('messages out of place, unknown or malformed end the attempt', async (t) => {
  const world = await World.make({ executors: 2, rules: { settleMs: 50, cancelMs: 50 } });
  for (
    const [bytes, code] of [
      [new Uint8Array([77]), 'UNKNOWN_MESSAGE'],
      [new Uint8Array([4, 1]), 'BAD_MESSAGE'],
      [encodeMessage({ type: 'cancel' }), 'BAD_MESSAGE'],
    ] as const
  ) {
    world.executors[0]!.tamper = (channel) =>
      edited(channel, (m) => decodeMessage(m).type === 'tokens' ? [bytes] : [m]);
    const { deps } = await world.requester();
    const { events, ids } = await collect(request(), deps);
    t.match(failovers(events), [{ cause: { code } }]);
    t.equal(ids.length, 40);
  }
  await world.close();
});

t.test('an executor that lied is avoided, and not asked twice for one job', async (t) => {
  const { deps, bad } = await against(t, (m) => [
    m.type === 'digest' ? { ...m, digest: new Uint8Array(32) } : m,
  ]);
  const stats = deps.stats.get(bad.signer.publicKey, bad.offered.profile);
  t.ok(stats.failures > 3);
});
