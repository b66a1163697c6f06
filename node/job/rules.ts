import {
  DEADLINE_RULES,
  type DeadlineRules,
  ROUTER_RULES,
  type RouterRules,
} from '../router/mod.ts';

/** Policy of jobs, from the network's rules. Times in milliseconds. */
export interface JobRules {
  router: RouterRules;
  deadlines: DeadlineRules;
  /** Requester: connecting to an executor without a connection yet, at most. */
  connectMs: number;
  /** Requester, `any`: how long the mesh has to take a job before this node does it itself. */
  meshMs: number;
  /** Requester: waiting in one executor's queue, at most. */
  queueMs: number;
  /** Requester: how long to go on looking for somebody, without progress. */
  retryMs: number;
  /** The same while somebody is merely busy. */
  busyMs: number;
  /** Requester: pause before everybody is asked again; doubles up to eight times of it. */
  pauseMs: number;
  /** Attempts that were accepted, of one job. */
  maxAttempts: number;
  /** Tokens between acknowledgements. */
  ackEvery: number;
  /** Executor: output tokens that may be unacknowledged. More than `ackEvery`. */
  ackWindow: number;
  /** Executor: output tokens between signed digests. */
  digestEvery: number;
  /** Executor: how long a full window may stay full. */
  ackMs: number;
  /** Executor: the same in all of one attempt, while another requester waits for its slot. */
  ackWaitMs: number;
  /** Executor: an opened channel must bring its offer within this. */
  offerMs: number;
  /** Executor: how long an artifact waits for its top-k root; it goes without one then. */
  topkMs: number;
  /** Executor: how long to wait for `settle` before claiming. */
  settleMs: number;
  /** Requester: how long to wait for the summary of what was cancelled. */
  cancelMs: number;
  /** Executor: one step of the engine, at most. */
  stallMs: number;
  /** Executor: how long an aborted engine may take to stop. */
  stopMs: number;
  /** Appends to the own log, at most; a job does not fail for a slow log. */
  logMs: number;
  /** Executor: jobs waiting, in all and of one requester. */
  queueLimit: number;
  queuePerPeer: number;
  /**
   * Executor: attempts remembered, so that none is done twice: what it signed of the one would
   * contradict the other. More than can be served while a settlement of the first may still count.
   */
  remembered: number;
}

export const JOB_RULES: JobRules = {
  router: ROUTER_RULES,
  deadlines: DEADLINE_RULES,
  connectMs: 5000,
  meshMs: 5000,
  queueMs: 180_000,
  retryMs: 8000,
  busyMs: 180_000,
  pauseMs: 120,
  maxAttempts: 32,
  ackEvery: 16,
  ackWindow: 64,
  digestEvery: 16,
  // A reader who stops for longer than this keeps his text: his next read starts a new attempt.
  ackMs: 60_000,
  // Reading at a tenth of the pace for a minute and a half, or one pause of a person.
  ackWaitMs: 10_000,
  offerMs: 5000,
  topkMs: 2000,
  settleMs: 5000,
  cancelMs: 1000,
  stallMs: 120_000,
  stopMs: 2000,
  logMs: 5000,
  queueLimit: 96,
  queuePerPeer: 64,
  remembered: 262_144,
};

/**
 * How much longer an executor waits for a requester whose window is full. One acknowledgement a
 * minute does not hold a slot for ever: it is lent, once somebody else wants it.
 * @param now milliseconds since the window is full
 * @param before milliseconds that this attempt has waited so earlier
 * @param wanted another requester waits for the slot
 */
export function ackPatience(
  rules: Pick<JobRules, 'ackMs' | 'ackWaitMs'>,
  now: number,
  before: number,
  wanted: boolean,
): number {
  const alone = rules.ackMs - now;
  return Math.max(0, wanted ? Math.min(alone, rules.ackWaitMs - before - now) : alone);
}

/** Those of a network's rules that concern jobs, under the network file's names. */
export interface NetworkJobRules {
  heartbeatMs: number;
  heartbeatsMissed: number;
  acceptMs: number;
  firstTokenMs: number;
  tokenMs: number;
  ackWindowTokens: number;
  digestEvery: number;
}

/** The rules of jobs under a network's rules; what a network does not say stays as it is here. */
export function jobRules(network: NetworkJobRules, base: JobRules = JOB_RULES): JobRules {
  const { accept, firstToken, interToken, heartbeat } = base.deadlines;
  const floor = <T extends { floor: number; cap: number }>(bound: T, ms: number): T => ({
    ...bound,
    floor: ms,
    cap: Math.max(bound.cap, ms),
  });
  const { heartbeatMs: everyMs, heartbeatsMissed: missed, ackWindowTokens: window } = network;
  return {
    ...base,
    deadlines: {
      accept: floor(accept, network.acceptMs),
      firstToken: floor(firstToken, network.firstTokenMs),
      interToken: floor(interToken, network.tokenMs),
      heartbeat: {
        ...floor(heartbeat, everyMs * missed),
        unknown: 2 * everyMs * missed,
        everyMs,
        missed,
      },
    },
    ackWindow: window,
    // Four acknowledgements a window keep an executor going while one is on its way.
    ackEvery: Math.max(1, Math.min(base.ackEvery, Math.floor(window / 4))),
    digestEvery: network.digestEvery,
  };
}
