import { NexusError, toHex } from '../../../feeds/base/mod.ts';
import { profileId } from '../../../feeds/records/mod.ts';
import { isSufficient } from '../../audit/mod.ts';
import {
  type CalibrationEntry,
  calibrationEntry,
  calibrationFile,
  CLASSES,
  measure,
  type MeasuredClass,
} from '../../calibration/mod.ts';
import { DEFAULT_MODEL, EMBEDDED_MODEL } from '../../daemon/mod.ts';
import { createEngine } from '../../engine/mod.ts';
import { modelRoots, writeFileAtomic } from '../../home/mod.ts';
import { type Model, ModelStore } from '../../models/mod.ts';
import { attachOrStart, networkRoom } from '../../session/mod.ts';
import { CALIBRATION_COLUMNS, calibrationRows, sufficiency } from '../calibration_view.ts';
import { table } from '../columns.ts';
import { type Context, NETWORK_FLAGS, openContext } from '../context.ts';
import { CountView } from '../count_view.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../output.ts';
import { nodeOptions } from '../session.ts';
import { defineCommand } from '../spec.ts';

/** Jobs a class, unless the caller decides: enough for an alpha of one in a thousand. */
const JOBS = 300;
/** One of each kind of prompt; 30 of each are needed for verdicts. */
const LEAST_JOBS = 3, MOST_JOBS = 100_000;
/** Tokens of an answer, at most. */
const MAX_TOKENS = 96;

/** `nexus calibrate` */
export const command = defineCommand({
  name: 'calibrate',
  summary: 'measure how honest answers deviate',
  description:
    'Has answers made and reads each once more, as an auditor would, by this machine. What deviates ' +
    'then is honest noise: without such a measurement of a model no audit of it accuses anybody. ' +
    'Two executors are measured: this machine’s own determinism class, and one that rounds ' +
    'otherwise (without flash attention), which stands in for other hardware. Each becomes an entry ' +
    'of this node’s attestations log, which peers replicate. Exits with 4 where a sample is too ' +
    'small for the network’s alpha.',
  flags: {
    model: {
      type: 'string',
      short: 'm',
      value: 'name',
      env: 'NEXUS_MODEL',
      help: 'model to measure; its weights must be here',
    },
    jobs: { type: 'integer', value: 'n', help: `answers a class (default ${JOBS})` },
    class: { type: 'list', value: 'own|other', help: 'only that class (default both)' },
    write: { type: 'string', value: 'file', help: 'write the entries to a file, not to the log' },
    network: NETWORK_FLAGS.network,
  },
  examples: [
    { command: 'nexus calibrate -m austen-3.7m', does: 'the embedded model, some minutes' },
    { command: 'nexus calibrate --class own --jobs 90', does: 'a first look at the own class' },
    {
      command: 'nexus calibrate --jobs 900 --write austen.calibration.json',
      does: 'a larger sample, as a file',
    },
  ],
  async run({ flags, out, signal }) {
    const jobs = flags.jobs ?? JOBS;
    if (jobs < LEAST_JOBS || jobs > MOST_JOBS) {
      throw new NexusError('USAGE', `--jobs must be ${LEAST_JOBS} to ${MOST_JOBS}, not ${jobs}`);
    }
    const classes = classesOf(flags.class);
    const context = await openContext(flags);
    const { loadNetwork } = await networkRoom();
    const { home, settings } = context;
    const { file } = await loadNetwork(home.paths, settings.network.value);
    const alpha = file.rules.alpha / 1e6;
    const model = await here(new ModelStore(home.paths.home), settings.model.value);
    const entries: CalibrationEntry[] = [];
    let sufficient = true;
    for await (const { executor, entry } of measured(context, model, classes, jobs, out, signal)) {
      entries.push(entry);
      const { calibration, hash } = entry;
      const enough = isSufficient(calibration, alpha);
      sufficient &&= enough;
      const { strata: margins } = calibration.margins, { strata: b1 } = calibration.b1;
      await out.event({
        event: 'calibration',
        model: model.entry.name,
        executor,
        profile: toHex(calibration.profile),
        executorClass: toHex(calibration.executorClass),
        auditorClass: toHex(calibration.auditorClass),
        hash: toHex(hash),
        sufficient: enough,
        alpha,
        margins,
        b1,
      });
      await out.result(
        table([CALIBRATION_COLUMNS, ...calibrationRows(executor, calibration)], out.columns),
      );
      await out.result(sufficiency(calibration, alpha, jobs));
    }
    if (flags.write !== undefined) {
      await writeFileAtomic(flags.write, calibrationFile(entries));
      await out.note(`written: ${flags.write}`);
    } else await log(context, entries, out, signal);
    return sufficient ? EXIT.done : EXIT.check;
  },
});

function classesOf(named: readonly string[]): MeasuredClass[] {
  const wrong = named.find((name) => !CLASSES.some((known) => known === name));
  if (wrong !== undefined) {
    throw new NexusError('USAGE', `--class is own or other, not ${wrong}`);
  }
  return CLASSES.filter((known) => named.length === 0 || named.includes(known));
}

/** The named model, else the embedded one where the default one is not fetched. */
async function here(store: ModelStore, name: string | null): Promise<Model> {
  const model = await store.resolve(name ?? DEFAULT_MODEL);
  if (model.state === 'ready') return model;
  if (name === null) return await store.resolve(EMBEDDED_MODEL);
  throw new NexusError('MODEL_ABSENT', `the weights of ${model.entry.name} are not here`, {
    hint: `fetch them: nexus models pull ${model.entry.name}`,
  });
}

async function* measured(
  { home, settings }: Context,
  { entry }: Model,
  classes: readonly MeasuredClass[],
  jobs: number,
  out: Output,
  signal: AbortSignal,
): AsyncGenerator<{ executor: MeasuredClass; entry: CalibrationEntry }, void, void> {
  const store = new ModelStore(home.paths.home);
  const files = await store.files(profileId(entry.profile));
  // Lone rows on one thread: the settings in which a class can be exact.
  const batch = settings.threads.value ?? Math.max(1, navigator.hardwareConcurrency >> 1);
  await using engine = createEngine({
    roots: modelRoots(home.paths),
    threads: { single: 1, batch, pad: false },
    maxSlots: 1,
  });
  for (const executor of classes) {
    const view = new CountView(out, `${entry.name}, ${executor} class`, 'answers');
    const measuring = measure({
      engine,
      profile: entry.profile,
      files: files!,
      executor,
      jobs,
      maxTokens: MAX_TOKENS,
      seed: crypto.getRandomValues(new Uint8Array(32)),
      random: Math.random,
      signal,
      onProgress: (done, of) => void view.show({ done, total: of }),
    });
    const calibration = await measuring.finally(() => view.close());
    yield { executor, entry: calibrationEntry(calibration, Date.now()) };
  }
}

/** Through the running node, or one for as long as it takes. */
async function log(
  context: Context,
  entries: readonly CalibrationEntry[],
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const wish = { roles: new Set<never>(), models: [], mesh: false, announce: false };
  await using session = await attachOrStart(context, () => nodeOptions(context, wish), signal);
  for (const { block } of entries) {
    const { index, hash } = await session.call('calibration', { entry: toHex(block) }, signal) as {
      index: number;
      hash: string;
    };
    await out.event({ event: 'logged', hash, index });
    await out.note(`logged as entry ${index} of this node's attestations`);
  }
}
