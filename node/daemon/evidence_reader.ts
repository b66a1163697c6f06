import { equalBytes, toHex } from '../../feeds/base/mod.ts';
import type { Replayed } from '../../feeds/evidence/mod.ts';
import { decodeRecord, importSigner } from '../../feeds/records/mod.ts';
import type { Subject } from '../../feeds/trust/mod.ts';
import { boxSecret } from '../../feeds/wire/mod.ts';
import { entryAt, unsealKey } from '../auditor/mod.ts';
import { createEngine, type Engine, type LoadedModel } from '../engine/mod.ts';
import { logsOf, rereadSubject, type VerifyEvidenceOptions } from '../evidence/mod.ts';
import { type HomePaths, loadIdentity, modelRoots } from '../home/mod.ts';
import { ModelStore } from '../models/mod.ts';
import { listNetworks, loadNetwork } from '../network/mod.ts';
import { readKept } from '../payloads/mod.ts';

/**
 * What this machine adds to an evidence file: the networks that it knows, the keys of jobs that it
 * has, and with `rerun` its own reading of the answers.
 */
export async function evidenceReader(
  paths: HomePaths,
  rerun: boolean,
  signal: AbortSignal,
): Promise<VerifyEvidenceOptions & AsyncDisposable> {
  let engine: Engine | null = null;
  const store = new ModelStore(paths.home);
  const open = () => engine ??= createEngine({ roots: modelRoots(paths) });
  const reread: VerifyEvidenceOptions['reread'] = async (answer, opening, replayed, { rules }) => {
    const files = await store.files(answer.signed.job.profile);
    if (files === null || files.weights === null) return null;
    const engine = open();
    const model = await engine.load(opening.profile, files, { weights: true, signal });
    const read = (model: LoadedModel) =>
      rereadSubject(answer, opening, replayed, { engine, model, rules, signal });
    const found = await read(model);
    const same = equalBytes(model.class, answer.signed.class) && model.determinism !== 'exact';
    if (!same || found.finding !== 'inconclusive') return found;
    // Where statistics do not tell, equal bits may: once they are known to be equal here.
    const { passed } = await engine.selfTest(model.profileId);
    return passed === true ? await read({ ...model, determinism: 'exact' }) : found;
  };
  return {
    networks: await knownNetworks(paths),
    keyOf: await keysOf(paths),
    keyFolder: paths.circuits,
    ...(rerun ? { reread } : {}),
    async [Symbol.asyncDispose]() {
      await engine?.close();
    },
  };
}

async function knownNetworks(paths: HomePaths): Promise<string[]> {
  const ids: string[] = [];
  for (const name of await listNetworks(paths)) {
    const network = await loadNetwork(paths, name).catch(() => null);
    if (network !== null) ids.push(toHex(network.id));
  }
  return ids;
}

/** Of jobs that were asked or answered here, and of those that were opened to this auditor. */
async function keysOf(paths: HomePaths): Promise<NonNullable<VerifyEvidenceOptions['keyOf']>> {
  const seed = await loadIdentity(paths.identity);
  if (seed === null) return () => Promise.resolve(null);
  const me = toHex((await importSigner(seed)).publicKey);
  return async (subject, replayed) => {
    const kept = await readKept(paths.payloads, subject.job, subject.attempt);
    return kept?.jobKey ?? await openedTo(me, seed, subject, replayed);
  };
}

async function openedTo(
  me: string,
  seed: Uint8Array,
  { id }: Subject,
  replayed: Replayed,
): Promise<Uint8Array | null> {
  const duties = replayed.subjects.get(id)?.duties ?? [];
  const place = duties.find(({ auditor }) => auditor === me)?.open ?? null;
  const first = place === null ? null : replayed.block(place.core, 0);
  if (place === null || first === null) return null;
  const identity = decodeRecord(first);
  if (identity.type !== 'identity') return null;
  const { sealed } = await entryAt(logsOf(replayed), place, ['open']);
  try {
    return unsealKey(sealed, identity.box, boxSecret(seed));
  } catch {
    return null; // its writer sealed something else: the transcript stays closed
  }
}
