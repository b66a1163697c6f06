import { counted, NexusError } from '../../feeds/base/mod.ts';
import { findNvml, findSource, libraryFolders } from '../../fingerprint/energy/mod.ts';
import { call, type FingerprintRow, type FingerprintRows } from '../control/mod.ts';
import type { EngineInfo } from '../engine/mod.ts';
import type { Finding } from './doctor.ts';
import { engineMemory } from './memory.ts';
import type { NodeOptions } from './options.ts';

type Found = Omit<Finding, 'name'>;

const ok = (detail: string): Found => ({ state: 'ok', detail, mend: null });
const warning = (detail: string, mend: string): Found => ({ state: 'warning', detail, mend });

/** Path of NVIDIA's library; null where there is none. */
function nvmlHere(): Promise<string | null> {
  return findNvml(libraryFolders(Deno.env.get('LD_LIBRARY_PATH')));
}

/** Whether a card decodes, or why none does. @param info null: the engine does not start */
export async function gpu(info: EngineInfo | null, findDriver = nvmlHere): Promise<Found> {
  if (info === null) return ok('the engine did not say');
  const { backend, device, memory } = info;
  if (backend !== 'cpu') {
    const size = `${(memory.total / 2 ** 30).toFixed(1)} GiB`;
    return ok(`${device} by ${backend}, ${size}: models are decoded there as far as they fit`);
  }
  if (await findDriver() === null) return ok('none is found: the processor decodes');
  return warning(
    'a driver of NVIDIA is here, yet the processor decodes',
    'npm ci brings the CUDA binaries of llama.cpp; the driver must be at least of CUDA 12',
  );
}

/** What counts energy, or why nothing does. */
export async function energy(
  info: EngineInfo | null,
  { nodeBinary: node = 'node' }: Pick<NodeOptions, 'nodeBinary'>,
  threads: number,
  find = findSource,
): Promise<Found> {
  const { backend = 'cpu', device = '' } = info ?? {};
  const { source, absent } = await find({ backend, device, threads: () => threads, node });
  await using counted = source;
  const { name, detail, error } = counted.info;
  const percent = `±${Math.round(100 * error)} %`;
  const why = absent.map(({ name, reason }) => `no ${name}: ${reason}`).join('; ');
  const mend = absent.find(({ mend }) => mend !== null)?.mend ?? null;
  const text = `${name}, ${detail}, ${percent}${why === '' ? '' : `; ${why}`}`;
  return mend === null ? ok(text) : warning(text, mend);
}

/** Threads that decode an answer here: those that were asked for, else those that were measured. */
export async function decodingThreads({ settings, home }: NodeOptions): Promise<number> {
  return settings.threads.value ?? (await engineMemory(home.paths.state)).threads ??
    navigator.hardwareConcurrency;
}

/** What others have attested of this machine; only a running node knows. */
export async function attestedClass(
  { home }: NodeOptions,
  ask = () => call(home.paths.socket, 'fingerprints'),
): Promise<Found> {
  let rows: FingerprintRows;
  try {
    rows = await ask() as FingerprintRows;
  } catch (thrown) {
    if (!(thrown instanceof NexusError) || thrown.code !== 'NODE_NOT_RUNNING') throw thrown;
    return ok('a running node knows what others attest of it: nexus up');
  }
  const own = rows.nodes.filter((row) => row.own);
  const refuted = own.find(({ contradicted }) => contradicted !== null);
  if (refuted !== undefined) {
    const { figure, claimed, low, high } = refuted.contradicted!;
    return warning(
      `${refuted.model ?? 'a model'}: it claims ${Math.round(claimed)} (${figure}), attested are ` +
        `${Math.round(low)} to ${Math.round(high)}`,
      'nexus fingerprint measures again; look for what takes the machine’s time',
    );
  }
  const attested = own.filter((row) => row.attested !== null);
  if (attested.length > 0) return ok(attested.map(attestedText).join('; '));
  if (rows.challengers === 0) return ok('nothing: this network draws no challengers');
  return ok(`nothing yet: ${counted(rows.challengers, 'challenger')} will be drawn`);
}

function attestedText({ model, profile, attested }: FingerprintRow): string {
  const { decode, until, by } = attested!;
  return `${model ?? profile.slice(0, 8)}: ${decode.low.toFixed(1)} to ` +
    `${decode.high.toFixed(1)} tokens/s up to cut ${until}, attested by ${by.length}`;
}
