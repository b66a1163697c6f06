import t from 'tap';
import { equalBytes } from '../../feeds/base/mod.ts';
import { decodeRecord, recordHash, seedOf } from '../../feeds/records/mod.ts';
import type { JobEvent } from '../../node/job/mod.ts';
import { collect, idAt, NETWORK, PROFILE, request, World } from './world.ts';

t.test('an honest run streams, logs both sides and leaves the parts of a receipt', async (t) => {
  const world = await World.make();
  const { deps, log } = await world.requester();
  const { events, done, text, ids } = await collect(request(), deps);
  const seed = seedOf(NETWORK, PROFILE, new Uint8Array(32).fill(9));
  t.same(ids, Array.from({ length: 40 }, (_, i) => idAt(seed, i)));
  t.equal(text, ids.map((id) => ` w${id}`).join('') + '.');
  t.match(done, {
    type: 'done',
    text,
    finish: 'end',
    promptTokens: 5,
    outputTokens: 40,
    attempts: 1,
  });
  t.same(done.warnings, []);
  t.equal(events[0]?.type, 'route');
  await world.close();
  const executor = world.executors[0]!;
  t.equal(done.executor, executor.key);
  t.same(log.records.map((r) => r.type), ['job', 'settle']);
  t.same(executor.log.records.map((r) => r.type), ['artifact']);
  const [settle] = log.of('settle');
  const receipt = done.receipt!.attempts[0]!;
  t.match(settle, { outcome: 'done', finish: 'end', tokens: 40 });
  t.ok(settle!.digest!.tokens >= 16);
  t.ok(equalBytes(settle!.artifact!, recordHash(receipt.artifact!)));
  t.same(decodeRecord(receipt.job), log.of('job')[0]);
  t.match(receipt, { jobIndex: 0, settleIndex: 1, resumeAt: 0 });
  t.match(executor.events.at(-1), { type: 'finished', settled: true, claimed: false, tokens: 40 });
});

t.test('the same nonce gives the same text, another one another', async (t) => {
  const world = await World.make();
  const { deps } = await world.requester();
  const [a, b, c] = [
    await collect(request(), deps),
    await collect(request(), deps),
    await collect(request({ nonce: new Uint8Array(32).fill(8) }), deps),
  ];
  t.equal(a.text, b.text);
  t.not(a.text, c.text);
  t.not(a.done.job, b.done.job, 'the job id contains a fresh key');
  await world.close();
});

t.test('an answer of exactly maxTokens ends with length', async (t) => {
  const world = await World.make();
  const { deps } = await world.requester();
  const { done } = await collect(request({ sampling: { tq: 0, pq: 65536, maxTokens: 7 } }), deps);
  t.match(done, { finish: 'length', outputTokens: 7 });
  await world.close();
});

t.test('what cannot be answered is refused before anybody is asked', async (t) => {
  const world = await World.make();
  const { deps, log } = await world.requester();
  const sampling = { tq: 0, pq: 65536, maxTokens: 0 };
  await t.rejects(collect(request({ sampling }), deps), { code: 'BAD_MAX_TOKENS' });
  await t.rejects(collect(request({ messages: [] }), deps), { code: 'PROMPT_EMPTY' });
  await t.rejects(collect(request({ contextSize: 5 }), deps), { code: 'PROMPT_TOO_LONG' });
  const million = { tq: 0, pq: 65536, maxTokens: 1_000_000 };
  const { done } = await collect(request({ sampling: million, contextSize: 25 }), deps);
  t.match(done, { finish: 'length', outputTokens: 20 }, 'cut to what the context holds');
  t.equal(log.of('job').length, 1);
  await world.close();
});

t.test('a node’s own executor runs the same path and leaves the same records', async (t) => {
  const world = await World.make();
  const executor = world.executors[0]!;
  executor.offered = { ...executor.offered, isLocal: true };
  const { deps } = await world.requester();
  const own = {
    ...deps,
    signer: executor.signer,
    feeds: executor.log,
    dial: (_: unknown, { id, handshake }: { id: Uint8Array; handshake: Uint8Array }) =>
      Promise.resolve(executor.server.connect(id, handshake)),
  };
  const { events, done } = await collect(request({ where: 'local' }), own);
  const route = events[0] as Extract<JobEvent, { type: 'route' }>;
  t.equal(route.where, 'local');
  t.match(done, { finish: 'end', outputTokens: 40, executor: executor.key });
  await world.close();
  t.same(executor.log.records.map((r) => r.type).sort(), ['artifact', 'job', 'settle']);
});
