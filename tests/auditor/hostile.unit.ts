import t from 'tap';
import nacl from 'tweetnacl';
import { bytes, dutyOf, hex, subjectOf } from './duties.ts';
import { type Change, CLASS, type Made, make, VOCABULARY } from '../check/world.ts';
import { toHex } from '../../feeds/base/mod.ts';
import type { Block } from '../../feeds/client/mod.ts';
import { encodeRecord, type LogRecord } from '../../feeds/records/mod.ts';
import type { ScoredPosition, ScoreEnd } from '../../node/engine/mod.ts';
import { type AuditDeps, Identities, sealKey } from '../../node/auditor/mod.ts';
import { investigate } from '../../node/auditor/investigate.ts';
import { defaultRules } from '../../node/network/mod.ts';
import { type Disclosed, openPayload, sealPayload } from '../../node/payloads/mod.ts';

const auditor = nacl.box.keyPair(), writer = nacl.box.keyPair();
const random = (count: number) => new Uint8Array(count).fill(6);
const never = new AbortController().signal;

/** What an audit came to, and what its engine was asked for meanwhile. */
interface Audited {
  verdict: Awaited<ReturnType<typeof investigate>>;
  calls: unknown[];
}

/**
 * An audit in which executor and requester hand out this transcript.
 * @param written what they seal in place of an honest transcript, or do to it once it is sealed
 */
async function audit(
  change: Change = {},
  written: { disclosed?: Partial<Disclosed>; sealed?: (sealed: Uint8Array) => Uint8Array } = {},
  calls: unknown[] = [],
): Promise<Audited> {
  const made = await make(change);
  const { deps, duty, identities } = around(made, written, calls);
  const carried = { get: () => null, set: () => {} };
  const verdict = await investigate(duty, deps, { identities, carried }, never);
  return { verdict, calls };
}

function around(
  { ask, payload, requester, executor }: Made,
  written: Parameters<typeof audit>[1] & object,
  calls: unknown[],
) {
  const { jobKey, nonce } = ask;
  const open: LogRecord = {
    type: 'open',
    subject: bytes('a'),
    job: bytes('job'),
    attempt: 1,
    auditor: bytes('auditor'),
    sealed: sealKey(jobKey, auditor.publicKey, writer.secretKey, random),
    at: 0,
  };
  const blocks: Record<string, Uint8Array> = {
    jobs: ask.job,
    artifacts: ask.artifact,
    open: encodeRecord(open),
  };
  const place = (log: string) => ({ core: hex(log), index: 0, cut: 4 });
  const identities = Object.assign(new Identities(), {
    writerOf: () => ({ box: writer.publicKey }),
  });
  const deps: AuditDeps = {
    network: bytes('network'),
    rules: defaultRules(),
    me: bytes('auditor'),
    secret: auditor.secretKey,
    feeds: {
      async *read(core): AsyncGenerator<Block> {
        const log = Object.keys(blocks).find((name) => hex(name) === toHex(core));
        yield await Promise.resolve({ index: 0, value: blocks[log!]! });
      },
    },
    append: () => Promise.reject(new Error('nothing is logged')),
    engine: new Proxy({ score }, {
      get(target, name) {
        calls.push(name);
        return (...args: unknown[]) => {
          calls.push(args[0]);
          return Reflect.get(target, name)(...args);
        };
      },
    }),
    modelOf: () => Promise.resolve({ loaded: LOADED, topK: 40 }),
    readTable: () => null,
    payloads: {
      keyOf: () => null,
      fetch: (_from, of, vocabulary) => {
        const disclosed = { payload, nonce, stops: [], ...written.disclosed };
        const sealed = sealPayload(disclosed, of);
        const opened = () => openPayload(written.sealed?.(sealed) ?? sealed, of, vocabulary);
        return new Promise((resolve) => resolve(opened()));
      },
      openings: () => Promise.resolve([]),
    },
    drafts: {
      subjects: [],
      drop: () => Promise.resolve(),
      get: () => null,
      keep: () => Promise.resolve(),
    },
    now: () => 0,
    random,
  };
  const duty = dutyOf('a', {
    subject: subjectOf('a', {
      place: place('artifacts'),
      offer: place('jobs'),
      requester: toHex(requester.publicKey),
      executor: toHex(executor.publicKey),
    }),
    state: 'opened',
    class: toHex(CLASS),
    open: place('open'),
    opens: [{ by: toHex(executor.publicKey), place: place('open') }],
  });
  return { deps, duty, identities };
}

const LOADED = {
  profileId: new Uint8Array(32).fill(2),
  weights: true,
  layers: null,
  contextSize: 60,
  vocabularySize: VOCABULARY,
  endTokens: [999],
  slots: 1,
  threads: 1,
  class: CLASS,
  determinism: 'exact' as const,
};

async function* score(
  { output, from }: { output: readonly number[]; from: number },
): AsyncGenerator<
  ScoredPosition,
  ScoreEnd
> {
  for (let position = from; position < output.length; position++) {
    const ids = Array.from({ length: 64 }, (_, i) => (output[position]! + i) % VOCABULARY);
    const logits = ids.map((_, i) => 20 - 30 * Math.min(i, 1) - i);
    yield await Promise.resolve({ position, id: output[position]!, logit: 20, ids, logits });
  }
  const positions = output.length - from;
  return { finish: 'end', positions, rows: positions, workMs: 0, totalMs: 0 };
}

const refused: Record<string, [string, ...Parameters<typeof audit>]> = {
  'another version': ['PAYLOAD_UNKNOWN_VERSION', {}, {
    sealed: (sealed) => Uint8Array.of(9, ...sealed.subarray(1)),
  }],
  'a changed byte': ['PAYLOAD_SEALED', {}, {
    sealed: (s) => s.map((b, i) => i === 40 ? b ^ 1 : b),
  }],
  'fewer bytes': ['PAYLOAD_SEALED', {}, { sealed: (sealed) => sealed.subarray(0, 60) }],
  'fewer tokens': ['BAD_CHECK', { payload: { prompt: [1, 2, 3] } }],
  'other bytes': ['BAD_COMMITMENT', { payload: { bytes: new Uint8Array(40) } }],
  'another root': ['BAD_COMMITMENT', { artifact: { root: new Uint8Array(32) } }],
  'another nonce': ['BAD_COMMITMENT', {}, { disclosed: { nonce: new Uint8Array(32) } }],
  'ids outside the vocabulary': ['PAYLOAD_BAD', { payload: { prompt: [1, 2, 3, VOCABULARY] } }],
};
for (const [name, [code, ...how]] of Object.entries(refused)) {
  t.test(`${name}: ${code}, and the engine is not asked`, async (t) => {
    const calls: unknown[] = [];
    await t.rejects(audit(how[0], how[1], calls), { code });
    t.same(calls, []);
  });
}

t.test('a prompt longer than the context is not read', async (t) => {
  const made = await make();
  const calls: unknown[] = [];
  const { deps, duty, identities } = around(made, {}, calls);
  const small = { loaded: { ...LOADED, contextSize: 45 }, topK: 40 };
  const carried = { get: () => null, set: () => {} };
  const short = { ...deps, modelOf: () => Promise.resolve(small) };
  await t.rejects(investigate(duty, short, { identities, carried }, never), { code: 'TOO_LONG' });
  t.same(calls, []);
});

t.test('a class that does not exist is no reason for an alarm, nor for equality', async (t) => {
  const there = await audit();
  t.equal(there.verdict.finding, 'trigger', 'bytes of the same class have to be equal');
  const { verdict } = await audit({ artifact: { class: bytes('no such class') } });
  t.match(verdict, { finding: 'inconclusive', detail: 'no-calibration', evidence: [] });
});

t.test('an engine that audits is asked to read token ids of a loaded model, for nothing else', async (t) => {
  const stops = ['/etc/passwd', '../../state.bin', 'file:///tmp/session.gguf'];
  const { calls } = await audit({}, { disclosed: { stops } });
  const [name, request, ...more] = calls;
  t.same(more, []);
  t.equal(name, 'score');
  const { profileId, prompt, output, from, topK, ...rest } = request as Record<string, unknown>;
  t.same(rest, {});
  t.same(profileId, LOADED.profileId);
  const numbers = [from, topK, ...prompt as unknown[], ...output as unknown[]];
  t.ok(numbers.every(Number.isSafeInteger));
});
