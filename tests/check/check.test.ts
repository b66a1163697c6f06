import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { decodePayload } from '../../node/audit/mod.ts';
import {
  type Ask,
  askAuditor,
  CHECK_LIMITS,
  CHECK_RULES,
  type CheckerDeps,
  type CheckerEvent,
  decodeCheck,
  encodeCheck,
  seedOfPayload,
} from '../../node/check/mod.ts';
import {
  type Change,
  CLASS,
  dead,
  encoded,
  type Made,
  make,
  OK,
  serve,
  VOCABULARY,
} from './world.ts';

const never = new AbortController().signal;
const quiet = () => {};
/** Checks as a node does, up to the engine. */
const strict: Partial<CheckerDeps> = {
  check: (ask, signed, payload) => {
    seedOfPayload(ask, signed, decodePayload(payload, VOCABULARY));
    return Promise.resolve({ ...OK, positions: signed.tokens });
  },
};

function askOnce(made: Made, deps: Partial<CheckerDeps> = strict, payload = encoded(made)) {
  const open = serve(made.auditor, deps);
  return askAuditor(open(made.requester), made.ask, payload, quiet, never);
}

t.test('an attempt is handed over and judged, also one whose executor died', async (t) => {
  t.same(await askOnce(await make()), OK);
  t.match(await askOnce(await dead(32)), { finding: 'ok', positions: 32 });
});

t.test('the auditor’s words come as they are, progress before them', async (t) => {
  const made = await make();
  const found = {
    ...OK,
    finding: 'trigger' as const,
    mismatches: 3,
    exact: false,
    class: CLASS,
    objections: [{ kind: 'exact' as const, positions: [2, 3] }, {
      kind: 'END_MISSING' as const,
      positions: [],
    }],
  };
  let go = () => {};
  const gate = new Promise<void>((resolve) => go = resolve);
  const open = serve(made.auditor, {
    rules: { ...CHECK_RULES, aliveMs: 1 },
    check: async (_ask, _signed, _payload, onRead) => {
      onRead(7);
      await gate;
      return found;
    },
  });
  const seen: number[] = [];
  const checked = await askAuditor(open(made.requester), made.ask, encoded(made), ({ done }) => {
    seen.push(done);
    if (done === 7) go();
  }, never);
  t.same(checked, found);
  t.equal(seen[0], 0);
  t.ok(seen.includes(7));
});

const wrong: Record<string, [string, Change]> = {
  'another network': ['OTHER_NETWORK', { job: { network: new Uint8Array(32).fill(9) } }],
  'an unknown profile': ['NOT_SERVED', { job: { profile: new Uint8Array(32).fill(9) } }],
  'a prompt longer than the context': [
    'TOO_LONG',
    { job: { promptTokens: 500_000 }, artifact: { promptTokens: 500_000 } },
  ],
  'a part of a model': ['UNSUPPORTED', { job: { layers: { from: 0, to: 2 } } }],
  'an artifact of another job': ['BAD_CHECK', { artifact: { job: new Uint8Array(32) } }],
  'an artifact of another attempt': ['BAD_CHECK', { artifact: { attempt: 2 } }],
  'an artifact of another offer': ['BAD_CHECK', { artifact: { offer: new Uint8Array(32) } }],
  'more tokens than asked for': ['BAD_CHECK', { artifact: { tokens: 59 } }],
  'a root over something else': ['BAD_COMMITMENT', { artifact: { root: new Uint8Array(32) } }],
  'a signature of nobody': ['BAD_SIGNATURE', {
    artifact: { executor: new Uint8Array(32).fill(7) },
    job: { executor: new Uint8Array(32).fill(7) },
  }],
  'another prompt': ['BAD_COMMITMENT', { payload: { prompt: [1, 2, 3, 5] } }],
  'another prefix': ['BAD_COMMITMENT', { payload: { prefix: [5, 7] } }],
  'other bytes': ['BAD_COMMITMENT', { payload: { bytes: new Uint8Array(40) } }],
  'fewer tokens': ['BAD_CHECK', { payload: { prompt: [1, 2, 3] } }],
  'ids outside the vocabulary': ['PAYLOAD_BAD', { payload: { prompt: [1, 2, 3, 5000] } }],
};
for (const [name, [code, change]] of Object.entries(wrong)) {
  t.test(`${name} is refused as ${code}`, async (t) => {
    const made = await make(change);
    const events: CheckerEvent[] = [];
    const deps = { ...strict, onEvent: (event: CheckerEvent) => events.push(event) };
    await t.rejects(askOnce(made, deps), { code, stage: 'check' });
    t.match(events, [{ type: 'refused' }]);
  });
}

t.test('work of the auditor itself, a stranger’s job and a ban are refused', async (t) => {
  const made = await make();
  const ask = (auditor: Made['auditor'], peer: Made['auditor'], deps: Partial<CheckerDeps> = {}) =>
    askAuditor(serve(auditor, deps)(peer), made.ask, encoded(made), quiet, never);
  await t.rejects(ask(made.executor, made.requester), { code: 'OWN_WORK' });
  await t.rejects(ask(made.auditor, made.executor), { code: 'BAD_CHECK' });
  const admit = () => new NexusError('BANNED', 'not for you');
  await t.rejects(ask(made.auditor, made.requester, { admit }), { code: 'BANNED' });
  const open = serve(made.auditor);
  await t.rejects(
    askAuditor(open(made.requester, 9), made.ask, encoded(made), quiet, never),
    { code: 'BAD_VERSION' },
  );
});

t.test('a gigabyte is refused before a byte of it is sent', async (t) => {
  const made = await make();
  const channel = serve(made.auditor)(made.requester);
  await channel.send(encodeCheck({ type: 'ask', ...made.ask, payload: 2 ** 30 }));
  const answer = await channel[Symbol.asyncIterator]().next();
  t.match(decodeCheck(answer.value!), { type: 'refuse', code: 'PAYLOAD_TOO_LARGE' });
});

t.test('a transcript that is longer than was said, or something else, ends the check', async (t) => {
  const made = await make();
  const payload = encoded(made);
  for (const bytes of [new Uint8Array(payload.length + 1), new Uint8Array()]) {
    const channel = serve(made.auditor)(made.requester);
    const answers = channel[Symbol.asyncIterator]();
    await channel.send(encodeCheck({ type: 'ask', ...made.ask, payload: payload.length }));
    t.match(decodeCheck((await answers.next()).value!), { type: 'accept' });
    await channel.send(encodeCheck({ type: 'part', bytes }));
    t.match(decodeCheck((await answers.next()).value!), { type: 'refuse', code: 'BAD_CHECK' });
  }
  const channel = serve(made.auditor)(made.requester);
  await channel.send(new Uint8Array([250, 1, 2]));
  const answer = await channel[Symbol.asyncIterator]().next();
  t.match(decodeCheck(answer.value!), { type: 'refuse', code: 'UNKNOWN_MESSAGE' });
});

t.test('who opens channels and says nothing is sent away', async (t) => {
  const made = await make();
  const rules = { ...CHECK_RULES, askMs: 20, openPerPeer: 2 };
  const open = serve(made.auditor, { rules });
  const silent = [open(made.requester), open(made.requester)];
  const busy = await open(made.requester)[Symbol.asyncIterator]().next();
  t.match(decodeCheck(busy.value!), { type: 'refuse', code: 'BUSY' });
  for (const channel of silent) {
    const { value } = await channel[Symbol.asyncIterator]().next();
    t.match(decodeCheck(value!), { type: 'refuse', code: 'NO_ASK' });
  }
});

t.test('the queue is bounded, in all and for each peer; leaving gives the place up', async (t) => {
  const made = await make();
  const rules = { ...CHECK_RULES, waiting: 2, waitingPerPeer: 2 };
  let start = () => {};
  const started = new Promise<void>((resolve) => start = resolve);
  let aborted = 0;
  const open = serve(made.auditor, {
    rules,
    check: (_ask, _signed, _payload, _read, signal) => {
      start();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted++;
          reject(signal.reason);
        });
      });
    },
  });
  const leave = new AbortController();
  const ask = (signal: AbortSignal, onProgress: () => void = quiet) =>
    askAuditor(open(made.requester), made.ask, encoded(made), onProgress, signal);
  const first = ask(leave.signal);
  await started;
  let accepted = quiet;
  const waits = new Promise<void>((resolve) => accepted = resolve);
  const second = ask(leave.signal, accepted);
  second.catch(() => {});
  // Signatures are checked beside each other: without this the third could be before the second.
  await waits;
  await t.rejects(ask(never), { code: 'BUSY' });
  leave.abort(new Error('enough'));
  await t.rejects(first, { message: 'enough' });
  await t.rejects(second, { message: 'enough' });
  t.ok(aborted >= 1, 'the engine is told');
});

t.test('an auditor that lies about the protocol is told by a code', async (t) => {
  const made = await make();
  const { requester, auditor } = made;
  const { channelPair } = await import('../../node/job/mod.ts');
  const against = async (...answers: Uint8Array[]) => {
    const keys = [requester.publicKey, auditor.publicKey] as const;
    const pair = channelPair({ protocol: '', id: CLASS, handshake: CLASS, keys });
    for (const answer of answers) await pair.ends[1].send(answer);
    await pair.ends[1].close();
    return await askAuditor(pair.ends[0], made.ask as Ask, encoded(made), quiet, never);
  };
  const progress = encodeCheck({ type: 'progress', ahead: 0, done: 0, total: 0 });
  await t.rejects(against(progress), { code: /BAD_MESSAGE|CHANNEL_CLOSED/ });
  await t.rejects(against(new Uint8Array([99])), { code: /UNKNOWN_MESSAGE|CHANNEL_CLOSED/ });
  await t.rejects(against(), { code: /PEER_LOST|CHANNEL_CLOSED/ });
});

t.test('a reason names few positions', (t) => {
  const positions = Array.from({ length: CHECK_LIMITS.positions + 1 }, (_, i) => i);
  const objections = [{ kind: 'exact' as const, positions }];
  t.throws(() => encodeCheck({ type: 'checked', ...OK, objections }), { code: 'BAD_MESSAGE' });
  t.end();
});
