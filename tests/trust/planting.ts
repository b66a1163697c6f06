import type { CanaryRevealRecord } from '../../feeds/records/mod.ts';
import { canaryKey, canaryPlan } from '../../feeds/trust/mod.ts';
import { ALTERNATIVES, bytes32, jobWith, NETWORK, type Party, type Work, World } from './world.ts';

/** Evidence that proves a cheat with one job. */
const DAMNING = new Array<number>(ALTERNATIVES).fill(40 * 65_536);

/** A plan that is logged, and the jobs that it plants. */
export interface Planting {
  record: CanaryRevealRecord;
  /** Has the jobs done. */
  run(): Work[];
  reveal(change?: Partial<CanaryRevealRecord>): void;
}

export interface PlantOptions {
  author: Party;
  executor: Party;
  requester: Party;
  /** What auditors find in each job. */
  findings: ('ok' | 'trigger')[];
  /** What the plan says of a job instead of the truth. */
  says?: (honest: boolean) => boolean;
  /** Keys of the jobs, if they are not the plan's. */
  keyOf?: (salt: Uint8Array, index: number) => Uint8Array;
  name?: string;
}

/** One bad answer, or a good one. */
export function answered(
  world: World,
  requester: Party,
  executor: Party,
  finding: 'ok' | 'trigger',
  jobKey?: Uint8Array,
): Work {
  const key = jobKey === undefined ? {} : { jobKey };
  const evidence = finding === 'ok' ? {} : { evidence: DAMNING };
  return world.work(requester, executor, { finding, ...key, ...evidence });
}

/** Logs a plan. */
export function plant(world: World, options: PlantOptions): Planting {
  const { author, executor, requester, findings, says, name = 'salt' } = options;
  const salt = bytes32(name), keyOf = options.keyOf ?? canaryKey;
  const planted = findings.map((finding, i) => ({
    job: jobWith(requester, keyOf(salt, i)).job,
    attempt: 0,
    honest: says === undefined ? finding === 'ok' : says(finding === 'ok'),
  }));
  const unsent: CanaryRevealRecord = {
    type: 'canaryReveal',
    network: NETWORK,
    commit: 0,
    planted,
    salt,
  };
  const plan = canaryPlan(author.key, unsent);
  const entry = { type: 'canary' as const, network: NETWORK, plan, at: 0 };
  const record = { ...unsent, commit: world.append(author, 'attestations', entry) };
  return {
    record,
    run: () =>
      findings.map((finding, i) => answered(world, requester, executor, finding, keyOf(salt, i))),
    reveal: (change = {}) => world.append(author, 'attestations', { ...record, ...change }),
  };
}

/** Lets cuts pass until the audits of these are over. */
export async function audited(world: World, works: readonly Work[]): Promise<void> {
  const over = () => new Set(world.of('closed').map(({ subject }) => subject.id));
  for (let cuts = 0; !works.every(({ subject }) => over().has(subject)); cuts++) {
    if (cuts > 60) throw new Error('the audits do not end');
    await world.cut();
  }
}
