import { Broadcast, fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import { type Profile, profileId, profileToJson } from '../../feeds/records/mod.ts';
import type { Connection } from './connection.ts';
import { remoteGeneration } from './remote_generation.ts';
import { remoteScore } from './remote_score.ts';
import { remoteTextStream } from './remote_text.ts';
import { spawnEngine } from './spawn.ts';
import { Supervisor } from './supervisor.ts';
import type {
  ChatMessage,
  Engine,
  EngineEvent,
  EngineInfo,
  GeneratedToken,
  GenerateEnd,
  GenerateRequest,
  LoadedModel,
  ModelFiles,
  ScoredPosition,
  ScoreEnd,
  ScoreRequest,
  SelfTestResult,
  TextStream,
  Threads,
} from './types.ts';
import { modelFromWire, type WireModel, type WireSelfTest } from './wire.ts';

/** Sessions at once, unless the caller decides. */
const MAX_SLOTS = 8;
/** Memory of all sessions of a model together, unless the caller decides, bytes. */
const SESSION_BYTES = 128 * 1024 * 1024;
/** Share of the time for scoring beside answers, unless the caller decides. */
const SCORE_SHARE = 0.1;
/** Time of a self-test, unless the caller decides, ms. */
const SELF_TEST_MS = 60_000;

export interface EngineOptions {
  /** Folders of model files: the engine process can read nothing else but the program. */
  roots: readonly string[];
  /** `auto` (the default) takes a GPU where there is one. */
  gpu?: 'auto' | 'cuda' | 'vulkan' | 'metal' | false;
  /** Threads as a `calibrated` event gave them, or a number for everything; measured otherwise. */
  threads?: Threads | number;
  /** Threads of models as earlier `calibrated` events gave them, by profile id (hex). */
  calibrated?: Readonly<Record<string, Threads>>;
  /** Answers decoded at once, at most. */
  maxSlots?: number;
  /** Share of the time that scoring may take while answers are decoded, 0 to 1; 0.1 by default. */
  scoreShare?: number;
  /** Bytes that the state of all sessions of a model may take; one session is always possible. */
  sessionBytes?: number;
  /** An engine process that {@link spawnEngine} started before. */
  process?: Deno.ChildProcess;
  /** Determinism classes (hex) that passed the self-test on this machine before. */
  knownExact?: readonly string[];
}

/** An engine in a process of its own, with that process's id (null while it is being restarted). */
export interface ProcessEngine extends Engine {
  readonly pid: number | null;
}

interface Wanted {
  profile: Profile;
  files: ModelFiles;
  weights: boolean;
}

/**
 * Starts an engine process at once; models are loaded by `load`. When the process dies, what is in
 * flight fails with `ENGINE_LOST` and a new process loads the same models.
 */
export function createEngine(options: EngineOptions): ProcessEngine {
  const events = new Broadcast<EngineEvent>();
  const wanted = new Map<string, Wanted>();
  const { threads } = options;
  const knownExact = [...(options.knownExact ?? [])];
  let { process } = options;
  const supervisor = new Supervisor({
    spawn: () => {
      const spawned = process ?? spawnEngine(options.roots);
      process = undefined;
      return spawned;
    },
    init: {
      gpu: options.gpu ?? 'auto',
      threads: typeof threads === 'number'
        // A companion row keeps several threads exact.
        ? { single: threads, batch: threads, pad: threads > 1 }
        : threads ?? null,
      calibrated: options.calibrated ?? {},
      maxSlots: options.maxSlots ?? MAX_SLOTS,
      scoreShare: options.scoreShare ?? SCORE_SHARE,
      sessionBytes: options.sessionBytes ?? SESSION_BYTES,
      knownExact,
    },
    events,
    restore: async (connection) => {
      for (const [id, model] of wanted) {
        // A model that cannot be loaded any more fails the calls that need it, not the others.
        await load(connection, model).catch(() => wanted.delete(id));
      }
    },
  });
  const connection = async (): Promise<Connection> => (await supervisor.up()).connection;
  /** For calls that change nothing: a lost process is no reason to fail them. */
  const ask = async (message: Parameters<Connection['call']>[0]): Promise<unknown> => {
    const first = await connection();
    try {
      return await first.call(message);
    } catch (thrown) {
      if (!(thrown instanceof NexusError) || thrown.code !== 'ENGINE_LOST') throw thrown;
      // From then on the supervisor gives the next process.
      await first.ended;
      return await (await connection()).call(message);
    }
  };

  const close = async () => {
    await supervisor.close();
    events.close();
  };

  return {
    events,
    get pid() {
      return supervisor.pid;
    },
    async info(): Promise<EngineInfo> {
      return await ask({ op: 'info' }) as EngineInfo;
    },
    async load(profile, files, { weights, signal }): Promise<LoadedModel> {
      const id = toHex(profileId(profile));
      const known = wanted.get(id);
      const model = { profile, files, weights: weights || (known?.weights ?? false) };
      const loaded = await load(await connection(), model, signal);
      wanted.set(id, model);
      return loaded;
    },
    async unload(id): Promise<void> {
      wanted.delete(toHex(id));
      await (await connection()).call({ op: 'unload', profile: toHex(id) });
    },
    async tokenizeChat(id, messages: readonly ChatMessage[]): Promise<number[]> {
      const plain = messages.map(({ role, content }) => ({
        role,
        content: content.toWellFormed(),
      }));
      return await ask({ op: 'chat', profile: toHex(id), messages: plain }) as number[];
    },
    async tokenizeText(id, text): Promise<number[]> {
      const whole = text.toWellFormed();
      return await ask({ op: 'tokenize', profile: toHex(id), text: whole }) as number[];
    },
    textStream(id, stops): TextStream {
      return remoteTextStream(async (lists) => {
        return await ask({ op: 'detokenize', profile: toHex(id), lists }) as string[];
      }, stops);
    },
    async *generate(
      request: GenerateRequest,
      signal?: AbortSignal,
    ): AsyncGenerator<GeneratedToken, GenerateEnd, void> {
      return yield* remoteGeneration(await connection(), request, signal);
    },
    async *score(
      request: ScoreRequest,
      signal?: AbortSignal,
    ): AsyncGenerator<ScoredPosition, ScoreEnd, void> {
      return yield* remoteScore(await connection(), request, signal);
    },
    async selfTest(id, { budgetMs = SELF_TEST_MS } = {}): Promise<SelfTestResult> {
      const call = { op: 'selftest', profile: toHex(id), budgetMs } as const;
      const result = await (await connection()).call(call) as WireSelfTest;
      // A restarted process has to know it too.
      if (result.passed === true) knownExact.push(result.class);
      return { ...result, class: fromHex(result.class, 32) };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function load(
  connection: Connection,
  { profile, files, weights }: Wanted,
  signal?: AbortSignal,
): Promise<LoadedModel> {
  if (signal?.aborted) {
    throw new NexusError('CANCELLED', 'loading the model was cancelled', { stage: 'load' });
  }
  const message = { op: 'load', profile: profileToJson(profile), files, weights } as const;
  return modelFromWire(await connection.call(message, signal) as WireModel);
}
