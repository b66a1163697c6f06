import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { JOB_RULES, type JobEvent, jobRules } from '../../node/job/mod.ts';
import { DEADLINE_RULES } from '../../node/router/mod.ts';
import { collect, request, World } from './world.ts';

/** Deadlines of tens of milliseconds instead of seconds. */
const quick = {
  deadlines: {
    ...DEADLINE_RULES,
    accept: { floor: 300, cap: 300 },
    firstToken: { floor: 250, cap: 250, unknown: 250, promptTokenMs: 0 },
    interToken: { floor: 250, cap: 250, unknown: 250 },
    heartbeat: { floor: 80, cap: 80, unknown: 80, everyMs: 15, missed: 4 },
  },
  retryMs: 150,
  pauseMs: 10,
  stopMs: 50,
  settleMs: 50,
  cancelMs: 50,
  connectMs: 200,
  logMs: 100,
};

/** Deadlines under which only the engine's silence counts. */
const patient = {
  ...quick,
  deadlines: {
    ...quick.deadlines,
    heartbeat: { floor: 2000, cap: 2000, unknown: 2000, everyMs: 10, missed: 4 },
  },
};

const failovers = (events: JobEvent[]) => events.filter((e) => e.type === 'failover');

t.test('a line that dies at any token leaves the text as it would have been', async (t) => {
  const calm = await World.make();
  const undisturbed = await collect(request(), (await calm.requester()).deps);
  await calm.close();
  for (let at = 0; at <= 40; at++) {
    const world = await World.make({
      executors: 2,
      rules: { settleMs: 20, stopMs: 20, cancelMs: 20 },
    });
    const [first, second] = world.executors;
    first!.engine.length = second!.engine.length = 40;
    // The line dies when the reader has seen `at` tokens, and no later token gets through.
    first!.engine.step = async (position, signal) => {
      if (position < at) return;
      if (at === 0) first!.sever();
      await new Promise<void>((resolve) =>
        signal?.addEventListener('abort', () => resolve(), { once: true })
      );
    };
    if (at === 40) first!.engine.length = 41;
    const { deps, log } = await world.requester();
    let seen = 0;
    const run = await collect(request(), deps, (event) => {
      if (event.type !== 'token') return;
      seen += event.ids.length;
      if (seen === at) first!.sever();
    });
    t.equal(run.text, undisturbed.text, `after ${at} tokens`);
    t.match(failovers(run.events), [{
      from: first!.key,
      to: second!.key,
      cause: { code: 'PEER_LOST' },
      tokens: at,
    }]);
    t.match(run.done, { attempts: 2, executor: second!.key, finish: 'end', outputTokens: 40 });
    t.match(log.of('settle').map((s) => [s.attempt, s.outcome, s.tokens]).sort(), [
      [0, 'failed', at],
      [1, 'done', 40 - at],
    ]);
    t.equal(log.of('job').at(-1)!.resumeAt, at);
    await world.close();
  }
});

t.test('a peer that falls silent is left within the heartbeat’s deadline', async (t) => {
  const world = await World.make({ executors: 2, rules: quick });
  const [first, second] = world.executors;
  let silent = false;
  first!.tamper = (channel) => ({
    ...channel,
    peer: channel.peer,
    id: channel.id,
    handshake: channel.handshake,
    protocol: channel.protocol,
    send: (message) => silent ? new Promise(() => {}) : channel.send(message),
    [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
    close: () => channel.close(),
  });
  let lastAt = 0, resumedAt = 0, left = false, tokens = 0;
  const { deps } = await world.requester();
  const run = await collect(request(), deps, (event) => {
    if (event.type === 'failover') left = true;
    if (event.type !== 'token' || event.ids.length === 0) return;
    tokens += event.ids.length;
    if (tokens >= 10) silent = true;
    if (!left) lastAt = performance.now();
    else if (resumedAt === 0) resumedAt = performance.now();
  });
  t.match(failovers(run.events), [{ cause: { code: 'PEER_SILENT', stage: 'decode' } }]);
  t.ok(resumedAt - lastAt >= 60, 'not at once');
  t.ok(resumedAt - lastAt < 1000, `${resumedAt - lastAt} ms`);
  t.equal(run.done.executor, second!.key);
  t.equal(run.ids.length, 40);
  await world.close();
});

t.test('an engine that hangs behind a beating heart is left by the token deadline', async (t) => {
  const world = await World.make({ executors: 2, rules: patient });
  const [first] = world.executors;
  first!.engine.step = (position) => position < 5 ? undefined : new Promise(() => {});
  const { deps } = await world.requester();
  const { events, ids } = await collect(request(), deps);
  t.match(failovers(events), [{ cause: { code: 'TOKEN_LATE' }, tokens: 5 }]);
  t.equal(ids.length, 40);
  await world.close();
});

t.test('a first token that never comes is left by its own deadline', async (t) => {
  const world = await World.make({ executors: 2, rules: patient });
  world.executors[0]!.engine.step = () => new Promise(() => {});
  const { deps } = await world.requester();
  const { events, ids } = await collect(request(), deps);
  t.match(failovers(events), [{ cause: { code: 'FIRST_TOKEN_LATE' }, tokens: 0 }]);
  t.equal(ids.length, 40);
  await world.close();
});

t.test('an engine that dies is told at once, with what it had made', async (t) => {
  const world = await World.make({ executors: 2 });
  const [first] = world.executors;
  first!.engine.step = (position) => {
    if (position === 20) throw new NexusError('ENGINE_LOST', 'killed', { hint: 'wait' });
  };
  const { deps, log } = await world.requester();
  const { events, ids } = await collect(request(), deps);
  t.match(failovers(events), [{ cause: { code: 'ENGINE_LOST', peer: first!.key }, tokens: 20 }]);
  t.equal(ids.length, 40);
  await world.close();
  t.match(first!.log.of('artifact'), [{ finish: 'error', tokens: 20 }]);
  t.ok(log.of('settle').find((s) => s.attempt === 0)!.artifact, 'settled against the artifact');
  t.match(first!.events.at(-1), { settled: true });
});

t.test('the only executor comes back and is asked again', async (t) => {
  const world = await World.make({ rules: { pauseMs: 10 } });
  const [only] = world.executors;
  let died = false;
  only!.engine.step = (position) => {
    if (position !== 12 || died) return;
    died = true;
    throw new NexusError('ENGINE_LOST', 'killed');
  };
  const { deps } = await world.requester();
  const { done, events } = await collect(request(), deps);
  t.match(failovers(events), [{ from: only!.key, to: only!.key, tokens: 12 }]);
  t.match(done, { finish: 'end', outputTokens: 40, attempts: 2 });
  await world.close();
});

t.test('when nobody can go on, the error names peer, stage, tokens and the root cause', async (t) => {
  const world = await World.make({ executors: 2, rules: { ...quick, retryMs: 60 } });
  const [first, second] = world.executors;
  first!.engine.step = (position) => {
    if (position === 9) throw new NexusError('ENGINE_LOST', 'the engine was killed');
  };
  await second!.server.drain(0);
  const { deps } = await world.requester();
  const thrown = await collect(request(), deps).catch((e) => e);
  t.match(thrown, { code: 'ENGINE_LOST', peer: first!.key, stage: 'decode' });
  t.match(thrown.message, /^the engine was killed .*after 9 output tokens.*DRAINING/);
  await world.close();
});

t.test('nobody at all is said at once, with the reason of each', async (t) => {
  const world = await World.make({ executors: 2, rules: quick });
  const { deps } = await world.requester();
  const none = await collect(request(), { ...deps, candidates: () => [] }).catch((e) => e);
  t.match(none, { code: 'NOBODY_REACHABLE', stage: 'route' });
  const dear = await collect(request({ priceCap: 1 }), deps).catch((e) => e);
  t.match(dear, { code: 'NOBODY_REACHABLE', message: /PRICE.*2 micro-NCU.*PRICE/ });
  const dead = {
    ...deps,
    dial: () => Promise.reject(new NexusError('PEER_UNREACHABLE', 'no hole')),
  };
  const unreached = await collect(request(), dead).catch((e) => e);
  t.match(unreached, { code: 'NOBODY_REACHABLE', message: /PEER_UNREACHABLE, no hole/ });
  t.match(unreached.cause, { code: 'PEER_UNREACHABLE', stage: 'connect' });
  // Who has a connection opens a channel at once, or is dead and nobody has noticed.
  const rules = { ...JOB_RULES, ...deps.rules, connectMs: 60_000 };
  const hanging = { ...deps, rules, dial: () => new Promise<never>(() => {}) };
  t.match(await collect(request(), hanging).catch((e) => e), { message: /CONNECT_LATE/ });
  await world.close();
});

t.test('a refusal costs nothing and the next one is asked', async (t) => {
  const world = await World.make({ executors: 2 });
  const [first, second] = world.executors;
  await first!.server.drain(0);
  const { deps, log } = await world.requester();
  const { events, done } = await collect(request(), deps);
  t.match(events.find((e) => e.type === 'refused'), {
    executor: first!.key,
    error: { code: 'DRAINING', stage: 'admission' },
  });
  t.same(failovers(events), []);
  t.match(done, { executor: second!.key, attempts: 1 });
  t.equal(log.of('job').length, 1, 'a refused offer is not logged');
  await world.close();
});

t.test('in any, this node itself answers when the mesh does not', async (t) => {
  const world = await World.make({ executors: 2, rules: { ...quick, meshMs: 100 } });
  const [far, own] = world.executors;
  own!.offered = { ...own!.offered, isLocal: true };
  const { deps } = await world.requester();
  const dial: typeof deps.dial = (candidate, options) =>
    candidate.isLocal ? deps.dial(candidate, options) : new Promise(() => {});
  const { events, done } = await collect(request({ where: 'any' }), { ...deps, dial });
  const routes = events.filter((e) => e.type === 'route');
  t.match(routes, [{ where: 'mesh', executor: far!.key }, { where: 'local', executor: own!.key }]);
  t.equal(done.executor, own!.key);
  await world.close();
});

t.test('the rules of a network become deadlines', (t) => {
  const rules = jobRules({
    heartbeatMs: 100,
    heartbeatsMissed: 5,
    acceptMs: 9000,
    firstTokenMs: 10,
    tokenMs: 20,
    ackWindowTokens: 2,
    digestEvery: 3,
  });
  t.match(rules.deadlines.heartbeat, { floor: 500, everyMs: 100 });
  t.match(rules.deadlines.accept, { floor: 9000, cap: 9000 });
  t.match(rules, { ackWindow: 2, ackEvery: 1, digestEvery: 3, queueMs: JOB_RULES.queueMs });
  t.end();
});
