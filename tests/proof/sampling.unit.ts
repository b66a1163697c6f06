import t from 'tap';
import { encodeRecord, type ProofRecord, recordHash, seedOf } from '../../feeds/records/mod.ts';
import { Checks, type ReceiptAttempt, type ReceiptOpening } from '../../feeds/proof/mod.ts';
import type { OpenAttempt, Owners } from '../../feeds/proof/receipt-checks.ts';
import { checkSampling, type SampledClaim } from '../../feeds/proof/receipt-sampling.ts';
import { openStore, proofOf } from './cores.ts';

const fill = (byte: number) => new Uint8Array(32).fill(byte);
const NETWORK = fill(10), EXECUTOR = fill(22), PROFILE = fill(3);

t.test('a receipt’s proof of sampling', async (t) => {
  const artifactBytes = new Uint8Array(90).fill(5);
  const record: ProofRecord = {
    type: 'proof',
    network: NETWORK,
    statement: 'sample',
    subject: recordHash(artifactBytes),
    key: fill(6),
    publics: fill(7),
    proof: new Uint8Array(256).fill(1),
    at: 0,
  };
  const others = [{ ...record, subject: fill(30) }, { ...record, network: fill(31) }];
  const log = (await openStore(t)).get({ name: 'artifacts' });
  await log.ready();
  const blocks = [record, ...others].map((one) => encodeRecord(one));
  await log.append(blocks);
  const entries = await Promise.all(
    blocks.map(async (value, i) => ({ value, proof: await proofOf(log, i) })),
  );
  const shown = [{ position: 17, ids: [1, 2], leaf: fill(1), path: [] }];
  const attempt: ReceiptAttempt = {
    job: { value: fill(0), proof: null },
    artifact: { value: artifactBytes, proof: null },
    settle: null,
    sampling: { entry: entries[0]!, beacon: 3, draw: fill(4), shown },
  };
  const open = {
    job: {
      network: NETWORK,
      profile: PROFILE,
      executor: EXECUTOR,
      sampling: { tq: 717, pq: 65_536, maxTokens: 9 },
    },
    artifact: { tokens: 2, resumeAt: 16, topkRoot: fill(8) },
  } as unknown as OpenAttempt;
  const opening = {
    jobKey: fill(1),
    nonce: fill(2),
    output: Array.from({ length: 20 }, (_, i) => i),
  } as unknown as ReceiptOpening;
  const own: Owners = () => ({ owner: EXECUTOR, log: 'artifacts' });

  interface Told {
    said: string | null;
    failed: string[];
    claim: SampledClaim | null;
  }
  const told = async (change: {
    sampling?: Partial<NonNullable<ReceiptAttempt['sampling']>>;
    open?: OpenAttempt;
    opening?: ReceiptOpening | null;
    owners?: Owners;
    holds?: boolean;
  } = {}): Promise<Told> => {
    const checks = new Checks();
    let claim: SampledClaim | null = null;
    const said = await checkSampling(
      'it',
      { ...attempt, sampling: { ...attempt.sampling!, ...change.sampling } },
      change.open ?? open,
      change.opening === undefined ? opening : change.opening,
      change.owners ?? own,
      checks,
      (asked) => {
        claim = asked;
        return change.holds === false ? Promise.reject(new Error('no')) : Promise.resolve('yes');
      },
    );
    const failed = checks.list.filter(({ ok }) => !ok).map(({ detail }) => detail);
    return { said, failed, claim };
  };

  await t.test('is checked against what the receipt proves of the answer', async (t) => {
    const { said, failed, claim } = await told();
    t.same(failed, []);
    t.equal(said, 'yes');
    t.match(claim, {
      network: NETWORK,
      beacon: 3,
      draw: fill(4),
      tokens: 2,
      resumeAt: 16,
      tq: 717,
    });
    t.same(claim!.output, [16, 17], 'the tokens of the attempt alone');
    t.same(claim!.seed, seedOf(NETWORK, PROFILE, fill(2)));
    t.same(claim!.record, record);
    t.match(await told({ holds: false }), { said: null, failed: ['no'] });
  });

  await t.test('is refused before the circuit is asked', async (t) => {
    const { job, artifact } = open;
    const topP = { ...job, sampling: { ...job.sampling, pq: 65_535 } };
    const lies: [string, RegExp, Parameters<typeof told>[0]][] = [
      ['top-p', /top-p/, { open: { ...open, job: topP } }],
      ['no candidates', /no candidates/, {
        open: { ...open, artifact: { ...artifact!, topkRoot: null } },
      }],
      ['closed', /does not open/, { opening: null }],
      ['another receipt’s', /another artifact/, { sampling: { entry: entries[1]! } }],
      ['another network’s', /another network/, { sampling: { entry: entries[2]! } }],
      ['in no log', /nothing shows/, { sampling: { entry: { ...entries[0]!, proof: null } } }],
      ['changed after it was logged', /PROOF_/, {
        sampling: {
          entry: { value: encodeRecord({ ...record, at: 1 }), proof: entries[0]!.proof },
        },
      }],
      ['no proof entry', /RECORD|it is a|bad/i, {
        sampling: { entry: { ...entries[0]!, value: fill(9) } },
      }],
      ['in another’s log', /not that of the executor/, {
        owners: () => ({ owner: fill(23), log: 'artifacts' }),
      }],
      ['in another log', /not that of the executor/, {
        owners: () => ({ owner: EXECUTOR, log: 'jobs' }),
      }],
    ];
    for (const [name, why, lie] of lies) {
      const { said, failed, claim } = await told(lie);
      t.equal(said, null, name);
      t.equal(claim, null, name);
      t.match(failed, [why], name);
      t.equal(failed.length, 1, name);
    }
  });
});
