import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { type MicroChallenge, runMicro } from '../micro/mod.ts';
import {
  checkShape,
  findAdapter,
  Gpu,
  Product,
  RAW_LIMITS,
  type RawChallenge,
  Threads,
} from '../raw/mod.ts';
import {
  challengeFromWire,
  commitmentToWire,
  type FromProbe,
  MAX_OPENED,
  openingToWire,
  type ProbeInfo,
  type ToProbe,
} from './wire.ts';

/** Whoever wants a run stopped ends the process. */
const NEVER = new AbortController().signal;

/** What the probe does for its node: one message at a time, in order. */
export class ProbeServer {
  readonly #threads: Threads;
  readonly #processor: string;
  #gpu: Promise<{ gpu: Gpu | null; name: string | null }> | null = null;
  #product: Product | null = null;

  constructor(threads: number, processor: string) {
    this.#threads = new Threads(threads);
    this.#processor = processor;
  }

  async handle(message: ToProbe): Promise<FromProbe> {
    const { id } = message;
    try {
      return { id, ok: await this.#answer(message) };
    } catch (thrown) {
      return { id, error: asNexusError(thrown).toJSON() };
    }
  }

  async #answer(message: ToProbe): Promise<unknown> {
    if (message.op === 'info') return await this.#info();
    if (message.op === 'open') return openingToWire(this.#open(message.positions));
    const challenge = challengeFromWire(message.challenge);
    if (challenge.type === 'raw') return await this.#raw(challenge);
    return await this.#micro(challenge);
  }

  async #info(): Promise<ProbeInfo> {
    const { gpu, name } = await this.#findGpu();
    // What comes next may be timed: compiled by then.
    await this.#threads.multiply(WARM_UP, NEVER);
    return {
      backend: gpu === null ? 'cpu' : 'gpu',
      processor: this.#processor,
      threads: this.#threads.count,
      adapter: name,
    };
  }

  async #raw(challenge: RawChallenge): Promise<unknown> {
    this.#product = null;
    const { gpu, name } = challenge.backend === 'cpu' ? NO_GPU : await this.#findGpu();
    if (gpu === null && challenge.backend === 'gpu') {
      const found = name === null ? 'no GPU' : `only a software adapter (${name})`;
      throw new NexusError('RAW_NO_GPU', `WebGPU finds ${found} on this machine`, {
        hint: 'challenge the processor: backend `cpu` or `any`',
      });
    }
    checkShape(challenge.shape, gpu === null ? RAW_LIMITS.cpu : RAW_LIMITS.gpu);
    const start = performance.now();
    const product = await (gpu ?? this.#threads).multiply(challenge, NEVER);
    this.#product = product;
    return commitmentToWire({
      root: product.root,
      backend: gpu === null ? 'cpu' : 'gpu',
      adapter: gpu === null ? this.#processor : name!,
      threads: gpu === null ? this.#threads.count : 0,
      ms: performance.now() - start,
    });
  }

  #open(positions: readonly number[]) {
    const product = this.#product;
    const isRow = (i: unknown) => Number.isInteger(i) && (i as number) >= 0;
    if (product === null || positions.length > MAX_OPENED || !positions.every(isRow)) {
      throw new NexusError('RAW_NOTHING_OPEN', 'there is no product with such rows', {
        hint: 'run a raw challenge first; rows are opened once',
      });
    }
    // A second opening would let a challenger collect the whole product.
    this.#product = null;
    return product.open(positions);
  }

  async #micro(challenge: MicroChallenge): Promise<unknown> {
    const { gpu } = await this.#findGpu();
    return await runMicro(challenge, { now: () => performance.now(), device: gpu?.device ?? null });
  }

  #findGpu(): Promise<{ gpu: Gpu | null; name: string | null }> {
    return this.#gpu ??= (async () => {
      const adapter = await findAdapter();
      if (adapter === null) return NO_GPU;
      const { found: { backend, name } } = adapter;
      if (backend === 'cpu') return { gpu: null, name };
      return { gpu: await Gpu.open(adapter.adapter).catch(() => null), name };
    })();
  }
}

const WARM_UP: RawChallenge = {
  type: 'raw',
  nonce: new Uint8Array(32),
  shape: { rows: 256, inner: 256, cols: 256 },
  backend: 'cpu',
};
const NO_GPU = { gpu: null, name: null } as const;
