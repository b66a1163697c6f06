import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Receipt } from '../../feeds/proof/mod.ts';
import { decodeRecord, type JobRecord, profileId, seedOf } from '../../feeds/records/mod.ts';
import { createEngine } from '../engine/mod.ts';
import { modelRoots } from '../home/mod.ts';
import { ModelStore } from '../models/mod.ts';
import type { NodeOptions } from './options.ts';

/** How a second run compares with the answer of a receipt. */
export interface Rerun {
  ok: boolean;
  detail: string;
  /** Output tokens of the receipt, and of them those that came out the same. */
  tokens: number;
  equal: number;
}

/**
 * Runs the job of an opened receipt again, on this machine. Within one exact class every token comes
 * out the same; elsewhere a few differ, since the kernels round differently.
 * @throws {NexusError} `MODEL_ABSENT` if the model is not here
 */
export async function rerun(
  receipt: Receipt,
  { home }: NodeOptions,
  signal: AbortSignal,
): Promise<Rerun> {
  const { profile, nonce, prompt, output, stops } = receipt.opening!;
  const job = decodeRecord(receipt.attempts[0]!.job.value) as JobRecord;
  const id = profileId(profile);
  const files = await new ModelStore(home.paths.home).files(id);
  if (files === null || files.weights === null) {
    throw new NexusError('MODEL_ABSENT', `the model ${toHex(id).slice(0, 12)} is not here`, {
      hint: 'fetch it (nexus models pull), or add its file (nexus models add)',
    });
  }
  await using engine = createEngine({ roots: modelRoots(home.paths) });
  await engine.load(profile, files, { weights: true, signal });
  const generation = engine.generate({
    profileId: id,
    prompt,
    prefix: [],
    seed: seedOf(job.network, id, nonce),
    sampling: job.sampling,
    stops,
  }, signal);
  let equal = 0, at = 0;
  for await (const token of generation) {
    if (token.id === output[at]) equal++;
    if (++at >= output.length) break;
  }
  const tokens = output.length;
  const ok = equal === tokens;
  const detail = ok
    ? `re-executed: all ${tokens} tokens came out the same`
    : `re-executed: ${equal} of ${tokens} tokens came out the same; in one exact class all would`;
  return { ok, detail, tokens, equal };
}
