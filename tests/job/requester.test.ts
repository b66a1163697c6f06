import t from 'tap';
import { type JobEvent, runJob } from '../../node/job/mod.ts';
import { collect, request, World } from './world.ts';

const rules = { settleMs: 100, cancelMs: 100, stopMs: 100, pauseMs: 30 };

t.test('aborting ends with done, what came is kept and settled', async (t) => {
  // A busy machine must not turn the summary that comes into one that came too late.
  const world = await World.make({ rules: { ...rules, settleMs: 10_000, cancelMs: 10_000 } });
  const executor = world.executors[0]!;
  executor.engine.length = 1000;
  const { deps, log } = await world.requester();
  const stop = new AbortController();
  const sampling = { tq: 0, pq: 65536, maxTokens: 900 };
  let seen = 0;
  const { done, ids } = await collect(request({ signal: stop.signal, sampling }), deps, (event) => {
    if (event.type === 'token' && (seen += event.ids.length) >= 50) stop.abort();
  });
  t.match(done, { finish: 'cancelled', outputTokens: ids.length, attempts: 1 });
  t.ok(ids.length >= 50);
  await world.close();
  const [settle] = log.of('settle');
  const [artifact] = executor.log.of('artifact');
  t.match(settle, { outcome: 'cancelled', finish: 'cancelled' });
  t.equal(artifact!.finish, 'cancelled');
  t.equal(settle!.tokens, artifact!.tokens, 'both ends agree on what was sent');
  t.ok(settle!.artifact, 'the summary of the cancelled attempt came and held');
  t.ok(executor.engine.made <= 64 + ids.length, 'bounded beyond what was read');
  t.match(executor.events.at(-1), { settled: true });
});

t.test('aborted before it began, nobody is asked', async (t) => {
  const world = await World.make({ rules });
  const { deps, log } = await world.requester();
  const { done, events } = await collect(request({ signal: AbortSignal.abort() }), deps);
  t.match(done, { finish: 'cancelled', executor: null, attempts: 0, receipt: null });
  t.notOk(events.some((e) => e.type === 'route'));
  t.same(log.records, []);
  await world.close();
});

t.test('aborting while nobody answers ends at once', async (t) => {
  const world = await World.make({ rules });
  const { deps } = await world.requester();
  const stop = new AbortController();
  const dial = () => {
    queueMicrotask(() => stop.abort());
    return new Promise<never>(() => {});
  };
  const { done } = await collect(request({ signal: stop.signal }), { ...deps, dial });
  t.match(done, { finish: 'cancelled', attempts: 0 });
  await world.close();
});

t.test('leaving the loop cancels the job', async (t) => {
  const world = await World.make({ rules });
  const executor = world.executors[0]!;
  executor.engine.length = 1000;
  const { deps, log } = await world.requester();
  const sampling = { tq: 0, pq: 65536, maxTokens: 900 };
  for await (const event of runJob(request({ sampling }), deps)) {
    if (event.type === 'token') break;
  }
  await world.close();
  t.equal(executor.engine.running, 0);
  t.match(executor.log.of('artifact'), [{ finish: 'cancelled' }]);
  t.match(log.of('settle'), [{ outcome: 'cancelled' }]);
});

t.test('a slow reader holds the executor back and nobody else', async (t) => {
  const world = await World.make({ rules });
  const executor = world.executors[0]!;
  executor.engine.length = 500;
  const { deps } = await world.requester();
  const sampling = { tq: 0, pq: 65536, maxTokens: 600 };
  const slow = runJob(request({ sampling }), deps);
  let read = 0;
  const pull = async (): Promise<JobEvent> => {
    const event = (await slow.next()).value as JobEvent;
    if (event.type === 'token') read += event.ids.length;
    return event;
  };
  while (read === 0) await pull();
  const others = await Promise.all([1, 2, 3].map(() => collect(request({ sampling }), deps)));
  t.ok(others.every((o) => o.ids.length === 500));
  t.ok(
    executor.engine.made - 1500 <= 64 + read,
    'no more than the window was made for the slow one',
  );
  while ((await pull()).type !== 'done');
  t.equal(read, 500, 'and loses nothing');
  await world.close();
});

t.test('64 jobs at once over three executors all end, each once', async (t) => {
  const world = await World.make({ executors: 3, slots: 4, rules: { ...rules, queueLimit: 8 } });
  for (const e of world.executors) {
    e.offered = { ...e.offered, rttMs: 1 };
    e.engine.step = () => new Promise((resolve) => setImmediate(resolve));
  }
  const users = await Promise.all([210, 211, 212, 213].map((seed) => world.requester(seed)));
  const calm = await collect(request(), users[0]!.deps);
  const runs = await Promise.all(
    Array.from({ length: 64 }, (_, i) => collect(request(), users[i % 4]!.deps)),
  );
  t.ok(runs.every((r) => r.text === calm.text), 'nothing lost or repeated');
  t.equal(new Set(runs.map((r) => r.done.job)).size, 64);
  await world.close();
  const artifacts = world.executors.flatMap((e) => e.log.of('artifact'));
  t.equal(artifacts.length, 65, 'each attempt was done once');
  t.ok(world.executors.every((e) => e.engine.most <= 4), 'within the slots');
  t.ok(world.executors.every((e) => e.log.of('artifact').length > 5), 'all of them had a share');
  t.equal(users.reduce((n, u) => n + u.log.of('settle').length, 0), 65);
});

t.test('a log that fails or hangs costs a warning, not the answer', async (t) => {
  const world = await World.make({ rules: { ...rules, logMs: 30 } });
  const { deps } = await world.requester();
  const full = { append: () => Promise.reject(new Error('disk full')) };
  const failed = await collect(request(), { ...deps, feeds: full });
  t.match(failed.done, {
    finish: 'end',
    warnings: [/job not logged: disk full/, /settle not logged/],
  });
  t.match(failed.done.receipt!.attempts, [{ jobIndex: null, settleIndex: null }]);
  const hanging = { append: () => new Promise<never>(() => {}) };
  const late = await collect(request(), { ...deps, feeds: hanging });
  t.match(late.done, { finish: 'end', warnings: [/not logged within 30 ms/, /settle/] });
  await world.close();
  t.match(world.executors[0]!.log.of('claim'), [{ ack: { tokens: 40 } }, { ack: { tokens: 40 } }]);
});

t.test('the job is logged beside the stream, its end after the last token', async (t) => {
  const world = await World.make({ rules });
  const { deps, log } = await world.requester();
  const order: string[] = [];
  const append: typeof log.append = (name, blocks) => {
    order.push('append');
    return log.append(name, blocks);
  };
  await collect(request(), { ...deps, feeds: { append } }, (event) => {
    if (event.type !== 'token' || event.ids.length > 0) order.push(event.type);
  });
  t.equal(order[0], 'route');
  t.equal(order.filter((o) => o === 'append').length, 2);
  t.ok(order.lastIndexOf('append') > order.lastIndexOf('token'), 'settled after the last token');
  await world.close();
});

t.test('the receipt of a cancelled job holds all that was settled', async (t) => {
  const world = await World.make({ rules: { cancelMs: 500 } });
  const executor = world.executors[0]!;
  let sent = () => {};
  const more = new Promise<void>((resolve) => sent = resolve);
  executor.engine.step = async (position) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (position === 12) sent();
  };
  const { deps, log } = await world.requester();
  const stop = new AbortController();
  const { done } = await collect(request({ signal: stop.signal }), deps, async (event) => {
    if (event.type !== 'token') return;
    await more;
    stop.abort();
  });
  const [settle] = log.of('settle');
  t.equal(done.finish, 'cancelled');
  t.ok(settle!.tokens > done.outputTokens, 'some were on their way');
  t.equal(done.receipt!.output.length, settle!.tokens);
  t.equal(done.receipt!.bytes.length, settle!.tokens);
  await world.close();
});
