import t from 'tap';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importSigner, toHex } from '../../feeds/base/mod.ts';
import { canaryKey, canaryPlan } from '../../feeds/trust/mod.ts';
import {
  answerSeed,
  begin,
  CanaryBook,
  canaryToJson,
  parseCanary,
  planCanary,
  planOf,
  PlantedAnswers,
  revealOf,
} from '../../node/canary/mod.ts';
import type { GenerateRequest } from '../../node/engine/mod.ts';
import { prepareJob } from '../../node/job/mod.ts';
import { randomOf } from '../lib/random.ts';

const NETWORK = new Uint8Array(32).fill(9);
const PROFILE = new Uint8Array(32).fill(1);
const bytes = (text: string) => [...new TextEncoder().encode(text)];

/** Goes on with its own number of calls. */
function engine() {
  let calls = 0;
  return {
    tokenizeText: (_: Uint8Array, text: string) => Promise.resolve(bytes(text)),
    tokenizeChat: (_: Uint8Array, messages: readonly { content: string }[]) =>
      Promise.resolve(bytes(messages[0]!.content)),
    async *generate() {
      yield { id: 1, position: 0, text: `what do you think\nof ${calls++}?`, logit: 0 };
      const end = { finish: 'end' as const, text: '', cached: 0, promptMs: 0, totalMs: 0 };
      return await Promise.resolve(end);
    },
  };
}

async function planned(seed: number, contextSize = 4096) {
  return await planCanary({
    engine: engine(),
    network: NETWORK,
    model: { profileId: PROFILE, contextSize } as never,
    priceCap: 1,
    random: randomOf(seed),
    randomBytes: (length) => randomBytes(length),
  }, new AbortController().signal);
}

t.test('half of the plans are frauds; each names a job whose key follows from its salt', async (t) => {
  let frauds = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const canary = (await planned(seed))!;
    if (canary.instead !== null) frauds++;
    t.not(canary.instead, canary.text);
    const { planted: [only, ...others] } = revealOf(canary, NETWORK, 3);
    const { job, honest } = only!;
    t.equal(others.length, 0);
    t.equal(honest, canary.instead === null);
    t.equal(toHex(job), toHex(canary.job));
  }
  t.ok(frauds > 8 && frauds < 32, `${frauds} of 40`);
});

t.test('the job that is planned is the job that its requester sends', async (t) => {
  const canary = (await planned(1))!;
  const job = prepareJob({
    network: NETWORK,
    profile: PROFILE,
    requester: (await importSigner(canary.identity)).publicKey,
    parent: null,
    key: canaryKey(canary.salt, 0),
    nonce: canary.nonce,
    prompt: bytes(canary.text),
    stops: [],
    sampling: canary.sampling,
    priceCap: 1,
    costs: null,
  });
  t.equal(toHex(job.id), toHex(canary.job));
});

t.test('the hash of a plan is what its opening gives, and says nothing of it', async (t) => {
  const canary = (await planned(2))!, me = new Uint8Array(32).fill(7);
  const plan = planOf(canary, NETWORK, me);
  t.same(plan, canaryPlan(me, revealOf(canary, NETWORK, 17)), 'wherever it stands');
  t.notSame(plan, planOf(canary, NETWORK, PROFILE), 'of another author');
  t.notSame(plan, planOf({ ...canary, salt: PROFILE }, NETWORK, me));
});

t.test('none where the context is too small', async (t) => {
  t.equal(await planned(1, 64), null);
});

t.test('a plan is on disk for its owner alone, and comes back the same', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const book = new CanaryBook(join(folder, 'canaries'));
  t.equal(await book.load(), null);
  const draft = { canary: (await planned(3))!, progress: { ...begin(4), planned: 5 } };
  t.same(parseCanary(JSON.parse(JSON.stringify(canaryToJson(draft.canary)))), draft.canary);
  await book.save(draft);
  t.equal(statSync(join(folder, 'canaries', 'plan.json')).mode & 0o777, 0o600);
  t.same(await new CanaryBook(join(folder, 'canaries')).load(), draft);
  await book.save(null);
  t.equal(await book.load(), null);
});

t.test('one job alone is answered as if another had been asked, and once', async (t) => {
  const canary = (await planned(4))!;
  const answers = new PlantedAnswers(), seen: number[][] = [];
  const through = answers.through({
    async *generate({ prompt }: GenerateRequest) {
      seen.push([...prompt]);
      yield* [];
      return await Promise.resolve({ finish: 'end', text: '', cached: 0, promptMs: 0, totalMs: 0 });
    },
  });
  const seed = answerSeed(canary, NETWORK);
  const ask = async (request: Partial<GenerateRequest>) => {
    const run = through.generate(
      { profileId: PROFILE, prompt: [1], prefix: [], seed, ...request } as GenerateRequest,
    );
    await run.next();
  };
  answers.set(seed, [9]);
  await ask({ seed: PROFILE });
  await ask({});
  await ask({});
  answers.set(seed, [9]);
  await ask({ prefix: [4] });
  answers.set(seed, [9]);
  answers.drop(seed);
  await ask({});
  t.same(seen, [[1], [9], [1], [1], [1]]);
});
