import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import type { FinishReason } from '../../feeds/records/mod.ts';
import type { JobMeter } from '../../fingerprint/energy/mod.ts';
import type { Engine, GenerateRequest } from '../engine/mod.ts';
import { b1Byte } from '../sampler/mod.ts';
import { type Clock, pause } from './clock.ts';
import type { Credit } from './credit.ts';
import type { TopkBuilder } from './deps.ts';
import type { JobRules } from './rules.ts';
import type { TokenWriter } from './writer.ts';

/** How the decoding of one attempt ended. */
export interface Decoded {
  finish: FinishReason;
  /** Why, where `finish` is `error`. */
  error: NexusError | null;
  /** From the start of work to the first token, milliseconds; 0 if none came. */
  firstTokenMs: number;
  /** Tokens of prompt and prefix that were in the cache, as far as the engine came to tell. */
  cached: number;
}

/** What decoding needs. */
export interface DecodeOptions {
  engine: Pick<Engine, 'generate'>;
  request: GenerateRequest;
  writer: TokenWriter;
  /** Takes what each token was drawn from; null where nobody wants it. */
  topk: Pick<TopkBuilder, 'push'> | null;
  /** Told of each token. */
  meter: Pick<JobMeter, 'token'>;
  credit: Credit;
  clock: Clock;
  rules: JobRules;
  /** Aborts with the reason as a {@link NexusError}. */
  signal: AbortSignal;
  /** When the offer came, monotonic. */
  since: number;
}

/** Decodes into the writer as far as credit goes. Never rejects: a failure is part of the result. */
export async function decode(options: DecodeOptions): Promise<Decoded> {
  const { engine, request, writer, topk, meter, credit, clock, rules, signal, since } = options;
  const most = request.sampling.maxTokens - request.prefix.length;
  const decoded: Decoded = { finish: 'cancelled', error: null, firstTokenMs: 0, cached: 0 };
  const halt = new AbortController();
  const stop = (): void => halt.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const tokens = engine.generate(request, halt.signal);
  try {
    while (true) {
      if (!await credit.room(writer.ids.length, signal)) throw slow();
      const step = await patiently(tokens.next(), clock, rules, halt.signal);
      if (step === null) {
        if (signal.aborted) break;
        throw stalled(rules.stallMs);
      }
      if (step.done) {
        decoded.finish = step.value.finish;
        decoded.cached = step.value.cached;
        break;
      }
      if (writer.ids.length >= most) throw tooMany(most);
      if (writer.ids.length === 0) decoded.firstTokenMs = clock.tick() - since;
      const { id, logit, candidates } = step.value;
      writer.push(id, b1Byte(logit));
      meter.token();
      if (candidates !== undefined) topk?.push(candidates);
    }
  } catch (thrown) {
    if (!signal.aborted) {
      decoded.finish = 'error';
      decoded.error = asNexusError(thrown, 'ENGINE_FAILED');
    }
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
    tokens.return({ finish: 'cancelled', text: '', cached: 0, promptMs: 0, totalMs: 0 })
      .catch(() => {});
  }
  if (signal.aborted) decoded.finish = 'cancelled';
  await flush(options);
  return decoded;
}

/** A line that takes nothing any more must not keep back what is to be signed and logged. */
async function flush({ writer, clock, rules, signal }: DecodeOptions): Promise<void> {
  const over = new AbortController();
  const drained = writer.drain().finally(() => over.abort());
  const hopeless = (async () => {
    if (!signal.aborted) await pause(clock, rules.ackMs, AbortSignal.any([signal, over.signal]));
    if (!over.signal.aborted) await pause(clock, rules.stopMs, over.signal);
  })();
  await Promise.race([drained, hopeless]);
  writer.seal();
}

/** The step, or null if the engine stalls or does not stop when told to. */
function patiently<T>(
  step: Promise<T>,
  clock: Clock,
  rules: JobRules,
  signal: AbortSignal,
): Promise<T | null> {
  return new Promise((resolve, reject) => {
    let cancel = clock.after(rules.stallMs, () => settle(() => resolve(null)));
    const hurry = (): void => {
      cancel();
      cancel = clock.after(rules.stopMs, () => settle(() => resolve(null)));
    };
    const settle = (end: () => void): void => {
      cancel();
      signal.removeEventListener('abort', hurry);
      end();
    };
    signal.addEventListener('abort', hurry, { once: true });
    if (signal.aborted) hurry();
    step.then((value) => settle(() => resolve(value)), (e) => settle(() => reject(e)));
  });
}

function slow(): NexusError {
  return new NexusError('REQUESTER_SLOW', 'what was sent is acknowledged too slowly', {
    hint: 'read the stream faster, or offer the rest again',
    stage: 'decode',
  });
}

function stalled(ms: number): NexusError {
  return new NexusError('ENGINE_STALLED', `the engine made no token for ${ms} ms`, {
    hint: 'ask another node; restart this one’s engine',
    stage: 'decode',
  });
}

function tooMany(most: number): NexusError {
  return new NexusError('ENGINE_OVERRAN', `the engine went beyond ${most} tokens`, {
    hint: 'report this: the engine does not keep its bounds',
    stage: 'decode',
  });
}
