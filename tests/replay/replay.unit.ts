import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import {
  createReplay,
  type FindingCode,
  type LogBlock,
  type LogInput,
  replay,
  type ReplayOptions,
  type ReplayReport,
} from '../../feeds/replay/mod.ts';
import {
  encodeRecord,
  verdictCommitment,
  type VerdictRevealRecord,
  verifyEd25519,
  type VoteRecord,
} from '../../feeds/records/mod.ts';
import { attempt, Core, hash, type Party, party, stubVerify, type Twist } from './history.ts';

type Input = LogInput & { blocks: LogBlock[] };
const stub: ReplayOptions = { verify: stubVerify, verifyHead: () => {}, signatures: 'all' };
const logsOf = (...parties: Party[]): Input[] =>
  parties.flatMap(({ jobs, artifacts }) => [jobs.input(), artifacts.input()]);

/** Codes found, with the index of the block. */
const codes = (report: ReplayReport): string[] =>
  [...report.findings, ...report.unresolved].map(({ code, index }) => `${code} ${index}`);

/** Two parties and one attempt with a twist, replayed. */
async function twisted(twist: Twist, options: ReplayOptions = stub): Promise<ReplayReport> {
  const [a, b] = [await party('a'), await party('b')];
  await attempt(a, b, twist);
  return replay(logsOf(a, b), options);
}

t.test('an honest history has no inconsistency', async (t) => {
  const [a, b] = [await party('a', true), await party('b', true)];
  for (let i = 0; i < 3; i++) await attempt(a, b);
  await attempt(b, a);
  const settle = { outcome: 'failed', finish: 'error', tokens: 16, artifact: null } as const;
  await attempt(a, b, { name: 'moved', tokens: 16, artifact: null, settle });
  await attempt(a, b, { name: 'moved', attempt: 1 });
  const options: ReplayOptions = { verifyHead: () => {}, signatures: 'all', verify: verifyEd25519 };
  const report = await replay(logsOf(a, b), options);
  t.same(report.findings, []);
  t.equal(report.entries, 4 + 5 * 3 + 2);
  t.same(report.jobs.map((job) => job.state), Array(5).fill('done'));
  const moved = report.jobs.find((job) => job.attempts.length === 2)!;
  t.same(moved.attempts.map((x) => [x.state, x.tokens, x.payable]), [
    ['failed', 16, 16],
    ['done', 20, 20],
  ]);
  t.same(report.identities.map((x) => x.publicKey).sort(), [a, b].map((x) => toHex(x.key)).sort());
  const needed = await replay(logsOf(a, b), { verifyHead: () => {} });
  t.same(needed.digest, report.digest, 'the checks that are not needed change nothing');
});

t.test('each inconsistency is found where it is', async (t) => {
  const settle = (fields: NonNullable<Twist['settle']>): Twist => ({ settle: fields });
  const cases: [string, Twist, string[], string][] = [
    ['nothing but an offer', { artifact: null, settle: null }, [], 'open'],
    ['no settlement', { settle: null }, ['settle-missing 1'], 'produced'],
    ['no artifact', { artifact: null, settle: { artifact: hash('x') } }, [
      'artifact-missing 2',
    ], 'done'],
    [
      'failed without artifact',
      {
        artifact: null,
        settle: { outcome: 'failed', artifact: null },
      },
      [],
      'failed',
    ],
    ['other artifact hash', settle({ artifact: hash('x') }), ['artifact-mismatch 2'], 'done'],
    ['done without naming it', settle({ artifact: null }), ['artifact-mismatch 2'], 'done'],
    ['other offer hash', { artifact: { offer: hash('x') } }, ['offer-mismatch 1'], 'done'],
    ['other root', { artifact: { root: hash('x') } }, ['digest-mismatch 2'], 'done'],
    ['other count', { artifact: { tokens: 21 } }, ['count-mismatch 2'], 'done'],
    ['other prompt length', { artifact: { promptTokens: 4 } }, ['count-mismatch 1'], 'done'],
    ['another executor settled', settle({ executor: hash('x') }), [
      'digest-signature 2',
      'executor-mismatch 2',
    ], 'done'],
    ['too many tokens', { tokens: 257 }, ['tokens-above-max 1', 'tokens-above-max 2'], 'done'],
    ['too many after a prefix', { job: { resumeAt: 240 }, artifact: { resumeAt: 240 } }, [
      'tokens-above-max 1',
      'tokens-above-max 2',
    ], 'done'],
    [
      'forged digest',
      settle({
        digest: { tokens: 20, digest: hash('x'), signature: new Uint8Array(64) },
      }),
      ['digest-signature 2'],
      'done',
    ],
    ['a silent requester', { settle: null, claim: { tokens: 16 } }, [], 'claimed'],
    [
      'a claim with a forged acknowledgement',
      {
        settle: null,
        claim: { tokens: 16, forged: true },
      },
      ['ack-signature 2', 'settle-missing 1'],
      'produced',
    ],
    ['a claim above the artifact', { settle: null, claim: { tokens: 21 } }, [
      'claim-above-artifact 2',
    ], 'claimed'],
    [
      'settled below what was acknowledged',
      {
        settle: { tokens: 8, outcome: 'cancelled', digest: null },
        claim: { tokens: 16 },
      },
      ['settle-below-ack 2'],
      'cancelled',
    ],
    ['a claim without artifact', { artifact: null, settle: null, claim: { tokens: 16 } }, [
      'artifact-missing 1',
    ], 'claimed'],
    ['a job id that is not the hash of its content', { job: { job: hash('x') } }, [
      'job-id 1',
      'job-missing 1',
      'job-missing 2',
    ], 'orphan'],
  ];
  for (const [name, twist, expected, state] of cases) {
    const report = await twisted(twist);
    t.same(codes(report).sort(), [...expected].sort(), name);
    t.equal(report.jobs[0]!.state, state, name);
  }
});

t.test('signatures inside records are checked as far as the mode says', async (t) => {
  const [a, b] = [await party('a'), await party('b')];
  const first = await attempt(a, b);
  const broken = { ...first.job, attempt: 1 };
  a.jobs.append(broken);
  b.artifacts.append({ ...first.artifact, attempt: 1 });
  const withHead = logsOf(a, b);
  const without = withHead.map((log) => ({ ...log, head: null }));
  const of = async (logs: Input[], signatures: 'all' | 'needed' | 'none') =>
    codes(await replay(logs, { ...stub, signatures })).filter((code) => /signature/.test(code));
  t.same((await of(withHead, 'all')).sort(), ['artifact-signature 2', 'job-signature 3']);
  t.same(await of(withHead, 'needed'), [], 'the head proves who wrote them');
  t.same((await of(without, 'needed')).sort(), ['artifact-signature 2', 'job-signature 3']);
  t.same(await of(without, 'none'), []);
});

t.test('entries of the wrong author or in the wrong log do not count', async (t) => {
  const [a, b, c] = [await party('a'), await party('b'), await party('c')];
  const { job, artifact, settle } = await attempt(a, b);
  c.jobs.append(job);
  c.artifacts.append(artifact);
  c.jobs.append(settle!);
  a.artifacts.append(job);
  b.jobs.append(artifact);
  a.jobs.append(settle!);
  b.artifacts.append(artifact);
  a.jobs.append(job);
  b.artifacts.append(a.jobs.blocks[0]!);
  const report = await replay(logsOf(a, b, c), stub);
  const where = new Map([a, b, c].flatMap((p, i): [string, string][] => [
    [toHex(p.jobs.key), `${'abc'[i]} jobs`],
    [toHex(p.artifacts.key), `${'abc'[i]} artifacts`],
  ]));
  const found = [...report.findings, ...report.unresolved].map((x) =>
    `${where.get(x.core)} ${x.index} ${x.code}`
  ).sort();
  t.same(found, [
    'a artifacts 1 wrong-log',
    'a jobs 3 duplicate-settle',
    'a jobs 4 duplicate-job',
    'b artifacts 2 duplicate-artifact',
    'b artifacts 3 identity-repeated',
    'b jobs 1 wrong-log',
    'c artifacts 1 foreign',
    'c jobs 1 foreign',
    'c jobs 2 foreign',
  ]);
  t.equal(report.jobs.length, 1);
  t.equal(report.jobs[0]!.state, 'done');
});

t.test('a witness that votes twice in one step is found, one that repeats others is not', async (t) => {
  const [a, b] = [await party('a'), await party('b')];
  const logs = [a, b].map((one, i) => {
    const log = new Core(`${'ab'[i]} attestations`);
    log.append(one.jobs.blocks[0]!);
    return log;
  });
  const vote = (round: number, cut: string | null): VoteRecord => ({
    type: 'vote',
    network: hash('network'),
    epoch: 1,
    round,
    step: 'prevote',
    cut: cut === null ? null : hash(cut),
    witness: a.key,
    signature: new Uint8Array(64),
  });
  const said = [vote(0, 'x'), vote(1, null), vote(0, 'x'), vote(1, 'x'), vote(2, 'x')];
  for (const one of said) logs[0]!.append(one);
  logs[1]!.append(vote(2, 'y'));
  const report = await replay([...logsOf(a, b), ...logs.map((log) => log.input())], stub);
  t.same(codes(report), ['equivocation 4']);
  t.match(report.findings[0]!.detail, 'epoch 1, round 1: block 2');
});

t.test('verdicts that their own log contradicts are found, honest ones are not', async (t) => {
  const [a, b] = [await party('a'), await party('b')];
  const { job } = await attempt(a, b);
  const auditor = await party('auditor');
  const log = new Core('auditor attestations');
  log.append(auditor.jobs.blocks[0]!);
  const network = hash('network');
  const ask = (subject: string, of: Uint8Array = job.job) =>
    log.append({ type: 'request', network, subject: hash(subject), job: of, attempt: 0, at: 0 });
  const reveal = (subject: string, commit: number): VerdictRevealRecord => ({
    type: 'verdictReveal',
    network,
    subject: hash(subject),
    commit,
    finding: 'ok',
    calibration: null,
    evidence: [],
    readings: [],
    positions: 20,
    mismatches: 0,
    detail: '',
    salt: hash('salt'),
  });
  const commit = (verdict: VerdictRevealRecord) => {
    const value = verdictCommitment(auditor.key, verdict);
    log.append({ type: 'verdictCommit', network, subject: verdict.subject, value, at: 0 });
  };
  ask('good');
  commit(reveal('good', 2));
  log.append(reveal('good', 2));
  log.append(reveal('good', 2));
  commit(reveal('unasked', 5));
  log.append({ ...reveal('unasked', 5), finding: 'fraud' });
  log.append(reveal('uncommitted', 2));
  log.append(reveal('early', 9));
  ask('unknown', hash('no such job'));
  const report = await replay([...logsOf(a, b), log.input()], stub);
  t.same(codes(report), [
    'duplicate-reveal 4',
    'commit-without-request 5',
    'reveal-mismatch 6',
    'reveal-without-commit 7',
    'reveal-without-commit 8',
    'job-not-held 9',
  ]);
});

t.test('another executor cannot hand in the artifact', async (t) => {
  const [a, b, c] = [await party('a'), await party('b'), await party('c')];
  const { job, artifact } = await attempt(a, b, { artifact: null, settle: null });
  t.same(job.executor, b.key);
  c.artifacts.append({ ...artifact, executor: c.key });
  const report = await replay(logsOf(a, b, c), { ...stub, signatures: 'needed' });
  t.same(codes(report), ['executor-mismatch 1']);
  t.equal(report.jobs[0]!.state, 'open');
});

t.test('what is wrong with a log as a whole is found', async (t) => {
  const [a, b] = [await party('a'), await party('b')];
  for (let i = 0; i < 3; i++) await attempt(a, b);
  const change = async (log: number, edit: (input: Input) => Input, options = stub) => {
    const logs = logsOf(a, b);
    logs[log] = edit(logs[log]!);
    return await replay(logs, options);
  };
  const only = (report: ReplayReport, code: FindingCode) =>
    [...report.findings, ...report.unresolved].filter((finding) => finding.code === code).length;

  const forked = await change(0, (log) => ({ ...log, fork: 2, head: { ...log.head!, fork: 2 } }));
  t.same(codes(forked), ['fork null']);

  const cut = await change(0, (log) => ({ ...log, blocks: log.blocks.slice(0, 5) }));
  t.same(codes(cut).sort(), ['job-not-held 3', 'log-truncated 5']);
  t.match(
    cut.findings.find((x) => x.code === 'log-truncated')!.detail,
    /2 of 7 blocks are missing/,
  );

  const shorter = await change(0, (log) => ({
    ...log,
    length: 5,
    head: { ...log.head!, length: 5 },
  }));
  t.ok(codes(shorter).includes('log-shorter-than-seen null'));

  const log = logsOf(a, b)[3]!;
  const cleared = await change(3, (log) => ({
    ...log,
    blocks: log.blocks.map((block) => block.index > 1 ? { ...block, value: null } : block),
  }));
  t.same(cleared.notHeld, [{ core: toHex(log.key), from: 2, to: 4 }]);
  t.same(codes(cleared), ['artifact-not-held 4', 'artifact-not-held 6']);

  const headless = await change(0, (log) => ({ ...log, head: null }));
  t.same(codes(headless), ['head-missing null']);

  const forged = await change(3, (log) => log, {
    ...stub,
    verifyHead(head) {
      if (toHex(head.key) === toHex(log.key)) throw new Error('not signed');
    },
  });
  t.equal(only(forged, 'head-invalid'), 1);
  t.equal(only(forged, 'artifact-not-held'), 3);
  const other = await change(3, (log) => ({ ...log, length: 3 }));
  t.equal(only(other, 'head-invalid'), 1, 'a head of another length');

  const garbage = await change(0, (log) => ({
    ...log,
    blocks: log.blocks.map((b) => b.index === 2 ? { index: 2, value: hash('garbage') } : b),
  }));
  t.equal(only(garbage, 'undecodable'), 1);
  t.match(garbage.findings.find((x) => x.code === 'undecodable')!.detail, /^RECORD_/);
});

t.test('a log whose first block does not bind it belongs to nobody', async (t) => {
  const [a, b] = [await party('a'), await party('b')];
  await attempt(a, b);
  const identity = a.jobs.blocks[0]!;
  const tampered = identity.slice();
  tampered[tampered.length - 1]! ^= 1;
  const first = async (value: Uint8Array | null) => {
    const logs = logsOf(a, b);
    logs[0]!.blocks[0] = { index: 0, value };
    return await replay(logs, stub);
  };
  t.ok(codes(await first(tampered)).includes('identity-signature 0'));
  t.ok(codes(await first(b.jobs.blocks[0]!)).includes('identity-mismatch 0'));
  t.ok(codes(await first(a.jobs.blocks[1]!)).includes('identity-missing 0'));
  t.equal((await first(tampered)).jobs[0]!.state, 'orphan');
  const absent = await first(null);
  t.same(codes(absent), ['identity-not-held 0'], 'the artifacts log names it');
  t.equal(absent.jobs[0]!.state, 'done');
  const stranger = new Core('stranger');
  stranger.append(encodeRecord({
    type: 'capability',
    offerings: [],
    slots: 1,
    maxTokens: 1,
    hardware: '',
    at: 0,
  }));
  t.same(codes(await replay([stranger.input()], stub)), ['identity-missing 0']);
});

t.test('equal heads give equal results in whatever order and division blocks come', async (t) => {
  const parties = [await party('a'), await party('b'), await party('c')];
  const twists: Twist[] = [
    {},
    { settle: null },
    { artifact: null },
    { settle: null, claim: { tokens: 12 } },
    { settle: null, claim: { tokens: 12, forged: true } },
    { artifact: { root: hash('x') } },
    { tokens: 300 },
    { name: 'same' },
  ];
  for (let i = 0; i < 24; i++) {
    await attempt(parties[i % 3]!, parties[(i + 1) % 3]!, twists[i % twists.length]!);
  }
  parties[0]!.jobs.append(parties[1]!.jobs.blocks[1]!);
  parties[2]!.artifacts.append(hash('garbage'));
  const logs = logsOf(...parties);
  logs[1]!.blocks[3]!.value = null;
  logs[5]!.head = null;
  const expected = await replay(logs, stub);
  t.ok(expected.findings.length > 10, `${expected.findings.length} findings`);

  const all = logs.flatMap(({ blocks, ...log }) => blocks.map((block) => ({ log, block })));
  const order = fc.shuffledSubarray(all.map((_, i) => i), { minLength: all.length });
  const slow: ReplayOptions = {
    ...stub,
    verify: (...args) => Promise.resolve(stubVerify(...args)),
  };
  await fc.assert(
    fc.asyncProperty(
      order,
      fc.array(fc.nat({ max: 9 })),
      fc.boolean(),
      async (list, sizes, wait) => {
        const running = createReplay(wait ? slow : stub);
        const calls: Promise<void>[] = [];
        for (let from = 0, i = 0; from < list.length; i++) {
          const batch = list.slice(from, from += 1 + (sizes[i] ?? 3)).map((n) => all[n]!);
          for (const log of new Set(batch.map((item) => item.log))) {
            const blocks = batch.filter((item) => item.log === log).map((item) => item.block);
            // Some come twice.
            calls.push(running.add(log, i % 5 === 0 ? [...blocks, ...blocks] : blocks));
          }
          if (wait) await Promise.all(calls.splice(0));
          if (i === 7) await running.finish();
        }
        await Promise.all(calls);
        const report = await running.finish();
        return toHex(report.digest) === toHex(expected.digest) &&
          JSON.stringify(report) === JSON.stringify(expected);
      },
    ),
    { numRuns: 60 },
  );
});

t.test('any difference in the blocks shows in the digest', async (t) => {
  const [a, b] = [await party('a'), await party('b')];
  await attempt(a, b);
  const seen = new Set([toHex((await replay(logsOf(a, b), stub)).digest)]);
  for (const log of [0, 3]) {
    for (let index = 0; index < logsOf(a, b)[log]!.blocks.length; index++) {
      const logs = logsOf(a, b);
      logs[log]!.blocks[index]!.value = null;
      seen.add(toHex((await replay(logs, stub)).digest));
    }
  }
  t.equal(seen.size, 1 + 3 + 2);
});

t.test('hostile blocks never make it throw', async (t) => {
  const [a, b] = [await party('a'), await party('b')];
  await attempt(a, b);
  const logs = logsOf(a, b);
  const blocks = fc.array(
    fc.record({
      index: fc.oneof(fc.nat({ max: 5 }), fc.constantFrom(-1, 0.5, NaN, 2 ** 53, 1e300)),
      value: fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.constant(null),
        fc.constantFrom(...logs.flatMap((log) => log.blocks.map((block) => block.value))),
      ),
    }),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(blocks, blocks, async (mine, theirs) => {
      const report = await replay([
        { ...logs[0]!, blocks: mine },
        { ...logs[3]!, blocks: theirs },
      ], stub);
      return report.digest.length === 32;
    }),
    { numRuns: 300 },
  );
  const running = createReplay(stub);
  await running.add(logs[0]!, []);
  const changed = { ...logs[0]!, length: 2 };
  await t.rejects(running.add(changed, []), { code: 'REPLAY_HEAD_CHANGED' });
});
