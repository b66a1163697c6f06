import { asNexusError, equalBytes, fromHex, NexusError } from '../../feeds/base/mod.ts';
import { keyHash, type VerdictRevealRecord } from '../../feeds/records/mod.ts';
import type { Duty } from '../../feeds/trust/mod.ts';
import type { Carry, Payload } from '../audit/mod.ts';
import { seedOfPayload, type Signed } from '../check/mod.ts';
import type { Opening } from '../payloads/mod.ts';
import type { AuditDeps } from './deps.ts';
import { examine, type Found } from './examine.ts';
import type { Identities } from './identities.ts';
import { entryAt, signedBy, type SignedWork } from './lookup.ts';
import { unsealKey } from './seal.ts';

/** A transcript that does not come within this is asked for elsewhere. */
const FETCH_MS = 30_000;

/** Sums that the executor's last audits left open, by what they were made of. */
export interface Carried {
  get(key: string): Carry | null;
  set(key: string, carry: Carry | null): void;
}

const NOTHING: Found = {
  finding: 'inconclusive',
  evidence: [],
  readings: [],
  positions: 0,
  mismatches: 0,
  detail: '',
  carry: null,
};

/**
 * Does one duty whose subject was opened: fetches the transcript from whoever has it, checks it
 * against what was signed and committed to, reads it once more and judges it.
 * @returns the verdict as it will be revealed, but for the place of its commitment
 * @throws {NexusError} what kept it from that, and may not another time
 */
export async function investigate(
  duty: Duty,
  deps: AuditDeps,
  { identities, carried }: { identities: Identities; carried: Carried },
  signal: AbortSignal,
): Promise<VerdictRevealRecord> {
  const { subject } = duty;
  const signed = await signedBy(deps.feeds, subject);
  const jobKey = await keyFor(duty, signed.job.keyHash, deps, identities);
  const model = await deps.modelOf(signed.job.profile, signed.class);
  if (model === null) throw no('NOT_SERVED', 'the model is not loaded here any more');
  const { loaded, topK } = model;
  const { payload, seed, nonce } = await transcript(
    duty,
    signed,
    jobKey,
    loaded.vocabularySize,
    deps,
    signal,
  );
  if (payload.prompt.length + payload.prefix.length + payload.output.length > loaded.contextSize) {
    throw no('TOO_LONG', 'the transcript is longer than the context of the model');
  }
  const ref = duty.calibration;
  const entry = ref === null ? null : await entryAt(deps.feeds, ref.place, ['calibration']);
  // Evidence under another class than the one that was drawn would not count.
  const same = equalBytes(loaded.class, fromHex(duty.class, 32));
  const calibration = entry !== null && same ? deps.readTable(entry.table) : null;
  const name = `${subject.executor} ${ref?.hash ?? ''}`;
  const { alpha, beta, hardMargin, lifetimeAlpha } = deps.rules;
  const { sampling } = signed.job;
  const opened = await candidates(duty, signed, jobKey, deps, signal);
  const found = await examine(
    {
      payload,
      seed,
      sampling,
      finish: signed.finish,
      class: signed.class,
      candidates: opened,
    },
    {
      engine: deps.engine,
      model: loaded,
      topK,
      calibration,
      carried: calibration === null ? null : carried.get(name),
      rules: {
        alpha: alpha / 1e6,
        beta: beta / 1e6,
        hardMargin: hardMargin / 1e3,
        lifetimeAlpha: lifetimeAlpha / 1e6,
      },
      draw: fromHex(duty.draw, 32),
      shown: duty.readings,
    },
    signal,
  );
  if (calibration !== null) carried.set(name, found.carry);
  if (found.finding === 'fraud' || found.finding === 'trigger') {
    const { job, attempt } = signed.job;
    // A verdict that cannot be shown is still one.
    await deps.payloads.exhibit?.({ jobKey, job, attempt }, { payload, nonce }, opened)
      .catch(() => {});
  }
  return revealOf(duty, found, calibration !== null, deps);
}

/** A verdict that says only why there is none. */
export function inconclusive(duty: Duty, code: string, deps: AuditDeps): VerdictRevealRecord {
  return revealOf(duty, { ...NOTHING, detail: code }, false, deps);
}

function revealOf(
  { subject, calibration }: Duty,
  { finding, evidence, readings, positions, mismatches, detail }: Found,
  calibrated: boolean,
  { network, random }: AuditDeps,
): VerdictRevealRecord {
  return {
    type: 'verdictReveal',
    network,
    subject: fromHex(subject.id, 32),
    commit: 0,
    finding,
    calibration: calibrated ? fromHex(calibration!.hash, 32) : null,
    evidence,
    readings,
    positions,
    mismatches,
    detail,
    salt: random(32),
  };
}

/**
 * The key that was opened: either party may have sealed something else.
 * @param hash that the job commits to
 * @throws {NexusError} `KEY_WRONG` and others
 */
export async function keyFor(
  { opens }: Pick<Duty, 'opens'>,
  hash: Uint8Array,
  { feeds, secret }: Pick<AuditDeps, 'feeds' | 'secret'>,
  identities: Pick<Identities, 'writerOf'>,
): Promise<Uint8Array> {
  let last = no('KEY_WRONG', 'the key that was opened is not that of the job');
  for (const { place } of opens) {
    try {
      const { sealed } = await entryAt(feeds, place, ['open']);
      const writer = identities.writerOf(place.core);
      if (writer === null) throw no('WRITER_UNKNOWN', 'the key comes from a log of nobody known');
      const key = unsealKey(sealed, writer.box, secret);
      if (equalBytes(keyHash(key), hash)) return key;
    } catch (thrown) {
      last = asNexusError(thrown);
    }
  }
  throw last;
}

/** From the executor, else from the requester: the first transcript whose commitments hold. */
async function transcript(
  { subject }: Duty,
  signed: Signed,
  jobKey: Uint8Array,
  vocabulary: number,
  { payloads }: AuditDeps,
  signal: AbortSignal,
): Promise<{ payload: Payload; seed: Uint8Array; nonce: Uint8Array }> {
  let last: NexusError | null = null;
  const { job, attempt } = signed.job;
  for (const from of new Set([subject.executor, subject.requester])) {
    try {
      const bound = AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]);
      const peer = fromHex(from, 32);
      const { payload, nonce } = await payloads.fetch(
        peer,
        { jobKey, job, attempt },
        vocabulary,
        bound,
      );
      const decoded = upTo(signed.tokens, payload);
      return { payload: decoded, seed: seedOfPayload({ jobKey, nonce }, signed, decoded), nonce };
    } catch (thrown) {
      signal.throwIfAborted();
      last = asNexusError(thrown, 'PAYLOAD_UNAVAILABLE');
    }
  }
  throw last ?? no('PAYLOAD_UNAVAILABLE', 'nobody has the transcript');
}

/** What the executor drew from where the beacon looks; none where it does not say. */
async function candidates(
  { subject, readings }: Duty,
  { job: { job, attempt }, topk }: SignedWork,
  jobKey: Uint8Array,
  { payloads }: AuditDeps,
  signal: AbortSignal,
): Promise<Opening[]> {
  if (topk === null || readings.length === 0) return [];
  const positions = readings.map((position) => topk.resumeAt + position);
  const bound = AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]);
  const executor = fromHex(subject.executor, 32);
  try {
    return await payloads.openings(executor, { jobKey, job, attempt }, topk, positions, bound);
  } catch {
    signal.throwIfAborted();
    // It may be gone: whoever signed nothing wrong is not accused of it.
    return [];
  }
}

/** Of an attempt that broke off more may be kept than its executor has signed. */
function upTo(tokens: number, payload: Payload): Payload {
  const { output, bytes } = payload;
  if (output.length <= tokens) return payload;
  return { ...payload, output: output.slice(0, tokens), bytes: bytes.slice(0, tokens) };
}

function no(code: string, message: string): NexusError {
  return new NexusError(code, message, { stage: 'audit' });
}
