import { fileURLToPath } from 'node:url';
import { type Profile, profileId } from '../feeds/records/mod.ts';
import { equalBytes } from '../feeds/base/mod.ts';
import { pathsOf } from '../node/home/mod.ts';
import { makeProfile, ModelStore, readTable } from '../node/models/mod.ts';

/** The model that is measured with. */
export interface BenchModel {
  name: string;
  path: string;
  profile: Profile;
  /** False for the one that ships with the program. */
  external: boolean;
}

/** Ships with the program. */
export async function embeddedModel(): Promise<BenchModel> {
  const path = fileURLToPath(new URL('../models/austen-3.7m-q8_0.gguf', import.meta.url));
  return await describe(path);
}

/**
 * The file that `NEXUS_BENCH_MODEL` names, else the default model where this machine has it, else
 * the embedded one.
 */
export async function chosenModel(): Promise<BenchModel> {
  const named = Deno.env.get('NEXUS_BENCH_MODEL');
  if (named) return await describe(named);
  const model = await new ModelStore(pathsOf().home).resolve('smollm2-135m').catch(() => null);
  return model?.path == null ? await embeddedModel() : await describe(model.path);
}

async function describe(path: string): Promise<BenchModel> {
  const { profile } = await makeProfile(path);
  const known = (await readTable()).find(({ entry }) =>
    equalBytes(profileId(entry.profile), profileId(profile))
  );
  const name = known?.entry.name ?? 'bench';
  return { name, path, profile, external: known?.file == null };
}
