import { asNexusError, equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { FingerprintFold } from '../../feeds/fingerprints/mod.ts';
import { verifyEd25519 } from '../../feeds/records/mod.ts';
import type { SharingDecision } from '../../fingerprint/sharing/mod.ts';
import { encodePayload } from '../audit/mod.ts';
import { signedOf } from '../check/mod.ts';
import { randomBytes } from '../home/mod.ts';
import { chosenCandidate, JOB_PROTOCOL, jobRules } from '../job/mod.ts';
import {
  challenge,
  type Challenged,
  type ChallengeStep,
  challengeTogether,
  FINGERPRINT_PROTOCOL,
  FINGERPRINT_VERSION,
  type Looked,
  machineProbes,
  type Order,
  type ProbeAnswer,
  type ProbePolicy,
  probePriceCap,
  type ProbesOptions,
  PromptPool,
} from '../prober/mod.ts';
import type { ProbingOptions } from './probing.ts';
import { segmentsOf } from './segments.ts';

/** A connected peer opens a channel within this, milliseconds. */
const OPEN_MS = 10_000;
/** An executor that is busy is asked so often for its raw product. */
const TRIES = 6;
/** Runs of a challenge that somebody here asks for, where the network says nothing. */
const RUNS = 9;

/**
 * Measures one executor from this node.
 * @throws {NexusError} `PEER_UNKNOWN`, `NOT_SERVED` where it cannot even begin
 */
export async function challengeFrom(
  order: Order,
  options: ProbingOptions,
  policy: ProbePolicy,
  prints: FingerprintFold | null,
  onStep: (step: ChallengeStep) => void,
  signal: AbortSignal,
): Promise<Challenged> {
  const { node, engine, serving, directory, signer, ledger, priceCap, logs, keepAttempt, heads } =
    options;
  const { executor, profile } = order;
  const served = serving.get(profile);
  if (served === undefined) {
    throw no(
      'NOT_SERVED',
      'the answers of a challenge are checked here, and the model is not loaded',
      {
        hint: 'load it: nexus up --model <name>',
      },
    );
  }
  const feeds = await options.feeds;
  const offering = directory.serving(profile)
    .find(({ peer }) => equalBytes(peer.info.key, executor))?.offering;
  if (offering === undefined) {
    throw no('PEER_UNKNOWN', 'it is not connected, or does not serve this model now', {
      hint: 'see nexus peers',
    });
  }
  const { network } = node, { rules } = network.file;
  const claim = prints?.claim(toHex(executor), toHex(profile)) ?? null;
  const tick = () => performance.now();
  const parts = { engine, model: served.loaded, randomBytes };
  const runs = rules.printRuns;
  return await challenge({
    order,
    network: network.id,
    self: signer.publicKey,
    bounds: {
      maxPromptTokens: rules.maxPromptTokens,
      maxTokens: rules.maxTokens,
      claim: claim && {
        prefill: claim.prefill / 1000,
        decode: claim.decode / 1000,
        streams: claim.streams,
        context: claim.context,
      },
      runs: order.drawn === null ? Math.max(runs, RUNS) : runs,
    },
    contextSize: served.loaded.contextSize,
    job: {
      executor: chosenCandidate({
        executor,
        profile,
        class: offering.class,
        price: offering.price,
        rttMs: directory.get(executor)?.info.rttMs ?? null,
      }),
      sender: {
        engine,
        feeds: logs,
        signer,
        network: network.id,
        rules: jobRules(rules),
        heads,
        keep: keepAttempt,
        ...(ledger === null ? {} : { purse: ledger.ownPurse }),
        dial: (candidate, { id, handshake, signal }) =>
          feeds.open(candidate.executor, { protocol: JOB_PROTOCOL, id, handshake, signal }),
      },
    },
    priceCap: probePriceCap(offering.price, priceCap(profile), ledger !== null),
    costs: ledger?.costsOf(profile) ?? null,
    onOffer: (job) =>
      void options.probes.add(job)
        .catch((thrown) => options.bus.emit('error', { ...asNexusError(thrown).toJSON() })),
    pool: await PromptPool.write(parts, signal),
    others: (own) => {
      const load = directory.get(executor)?.announcement?.load;
      return load === undefined ? 0 : Math.max(0, load.active + load.queued - own);
    },
    check: (answer, signal) => look(answer, options, signal),
    probes: machineProbes({
      ...probesOf(options, feeds, policy),
      isDrawn: order.drawn !== null,
    }),
    rtt: () => directory.get(executor)?.info.rttMs ?? null,
    tick,
    random: Math.random,
    randomBytes,
    gapMs: policy.gapMs,
    againMs: policy.againMs,
    now: Date.now,
    onStep,
  }, signal);
}

/** How this node asks machines. */
function probesOf(
  { node, signer }: ProbingOptions,
  feeds: Feeds,
  policy: ProbePolicy,
): ProbesOptions {
  return {
    network: node.network.id,
    self: signer.publicKey,
    open: (peer, signal) =>
      feeds.open(peer, {
        protocol: FINGERPRINT_PROTOCOL,
        id: randomBytes(32),
        handshake: new Uint8Array([FINGERPRINT_VERSION]),
        signal: AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS)]),
      }),
    randomBytes,
    tick: () => performance.now(),
    againMs: policy.againMs,
    tries: TRIES,
  };
}

/** Whether two peers share one machine, as far as challenging both at once tells. */
export async function togetherFrom(
  a: Uint8Array,
  b: Uint8Array,
  options: ProbingOptions,
  policy: ProbePolicy,
  onBlock: (done: number, of: number) => void,
  signal: AbortSignal,
): Promise<SharingDecision> {
  const rtt = (key: Uint8Array) => options.directory.get(key)?.info.rttMs ?? 0;
  const pair = { a, b, rttA: rtt(a), rttB: rtt(b) };
  const probes = probesOf(options, await options.feeds, policy);
  return await challengeTogether(pair, probes, onBlock, signal);
}

/** By the checks of an audit, on this node's own engine. */
async function look(
  answer: ProbeAnswer,
  { node, signer, checking }: ProbingOptions,
  signal: AbortSignal,
): Promise<Looked> {
  const [segment] = segmentsOf(answer.parts);
  if (segment?.ask == null) return 'unverified';
  const encoded = encodePayload(segment.payload);
  const whole = { ...segment.ask, payload: encoded.length };
  const peer = signer.publicKey;
  const signed = await signedOf(whole, { network: node.network.id, peer, verify: verifyEd25519 });
  const { finding, why } = await checking.read(whole, signed, encoded, () => {}, signal);
  if (finding === 'fraud' || finding === 'trigger') return 'wrong';
  // Too little text for a verdict of its own is no objection; a missing calibration is no check.
  const isRead = finding === 'ok' || why === 'small-sample' || why === 'open';
  return isRead ? 'verified' : 'unverified';
}

function no(code: string, message: string, { hint }: { hint: string }): NexusError {
  return new NexusError(code, message, { stage: 'fingerprint', hint });
}
