import { NexusError } from '../../feeds/base/mod.ts';
import { factorKeys } from './field.ts';
import { KERNEL, TILE } from './kernel.ts';
import { rowHash } from './merkle.ts';
import { Product } from './product.ts';
import type { RawChallenge } from './types.ts';

/** Multiply-and-adds of one submission: drivers reset a GPU that is silent for seconds. */
const SUBMIT = 2 ** 34;
/** Workgroups of a fill, at most; each goes on over its stride. */
const FILL_GROUPS = 16_384;

type Entry = 'fill_left' | 'fill_right' | 'multiply';

/** A GPU that is ready for products. */
export class Gpu {
  readonly device: GPUDevice;
  readonly #pipelines: Record<Entry, GPUComputePipeline>;
  readonly #group: GPUBindGroupLayout;

  private constructor(device: GPUDevice) {
    this.device = device;
    const buffer = (binding: number, type: GPUBufferBindingType) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    });
    this.#group = device.createBindGroupLayout({
      entries: [buffer(0, 'uniform'), ...[1, 2, 3].map((i) => buffer(i, 'storage'))],
    });
    const layout = device.createPipelineLayout({ bindGroupLayouts: [this.#group] });
    const module = device.createShaderModule({ code: KERNEL });
    const pipeline = (entryPoint: string) =>
      device.createComputePipeline({ layout, compute: { module, entryPoint } });
    this.#pipelines = {
      fill_left: pipeline('fill_left'),
      fill_right: pipeline('fill_right'),
      multiply: pipeline('multiply'),
    };
  }

  /** @throws {NexusError} `RAW_GPU` */
  static async open(adapter: GPUAdapter): Promise<Gpu> {
    const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
    try {
      const device = await adapter.requestDevice({
        requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
      });
      device.pushErrorScope('validation');
      const gpu = new Gpu(device);
      const error = await device.popErrorScope();
      if (error !== null) throw new Error(error.message);
      return gpu;
    } catch (cause) {
      throw failed(cause);
    }
  }

  /** @throws {NexusError} `RAW_GPU`, `RAW_TOO_LARGE`, or the signal's reason */
  async multiply(challenge: RawChallenge, signal: AbortSignal): Promise<Product> {
    const { device } = this;
    const { rows, inner, cols } = challenge.shape;
    const most = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    if (4 * Math.max(rows * inner, inner * cols, rows * cols) > most) {
      throw new NexusError('RAW_TOO_LARGE', 'a matrix is larger than this GPU binds at once', {
        hint: `at most ${Math.floor(most / 2 ** 20)} MiB a matrix`,
      });
    }
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const make = (size: number, usage: number) => device.createBuffer({ size, usage });
    const { STORAGE, COPY_SRC, COPY_DST, UNIFORM, MAP_READ } = GPUBufferUsage;
    const sizes = make(32, UNIFORM | COPY_DST);
    const left = make(4 * rows * inner, STORAGE), right = make(4 * inner * cols, STORAGE);
    const cells = make(4 * rows * cols, STORAGE | COPY_SRC);
    const result = make(4 * rows * cols, COPY_DST | MAP_READ);
    const buffers = [sizes, left, right, cells];
    try {
      const group = device.createBindGroup({
        layout: this.#group,
        entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
      });
      const run = async (name: Entry, from: number, x: number, y: number) => {
        signal.throwIfAborted();
        const { a, b } = factorKeys(challenge);
        device.queue.writeBuffer(sizes, 0, new Uint32Array([rows, inner, cols, from, ...a, ...b]));
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(this.#pipelines[name]);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(x, y);
        pass.end();
        if (from + y * TILE >= rows && name === 'multiply') {
          encoder.copyBufferToBuffer(cells, 0, result, 0, 4 * rows * cols);
        }
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
      };
      await run('fill_left', 0, Math.min(FILL_GROUPS, Math.ceil(rows * inner / 256)), 1);
      await run('fill_right', 0, Math.min(FILL_GROUPS, Math.ceil(inner * cols / 256)), 1);
      const band = TILE * Math.max(1, Math.floor(SUBMIT / (TILE * inner * cols)));
      for (let from = 0; from < rows; from += band) {
        const height = Math.min(band, rows - from);
        await run('multiply', from, cols / TILE, height / TILE);
      }
      await this.#check();
      await result.mapAsync(GPUMapMode.READ);
      const out = Uint16Array.from(new Uint32Array(result.getMappedRange()));
      return productOf(challenge, out);
    } catch (cause) {
      signal.throwIfAborted();
      throw failed(cause);
    } finally {
      for (const buffer of [...buffers, result]) buffer.destroy();
    }
  }

  close(): void {
    this.device.destroy();
  }

  async #check(): Promise<void> {
    const invalid = await this.device.popErrorScope();
    const memory = await this.device.popErrorScope();
    const error = invalid ?? memory;
    if (error !== null) throw new Error(error.message);
  }
}

function productOf(challenge: RawChallenge, cells: Uint16Array): Product {
  const { rows, cols } = challenge.shape;
  const leaves: Uint8Array[] = [];
  for (let i = 0; i < rows; i++) {
    leaves.push(rowHash(challenge.nonce, i, cells.subarray(i * cols, (i + 1) * cols)));
  }
  return new Product(challenge, cells, leaves);
}

function failed(cause: unknown): NexusError {
  return cause instanceof NexusError
    ? cause
    : new NexusError('RAW_GPU', 'the GPU did not compute the product', {
      hint: 'update its driver; until then the processor is measured instead',
      cause,
    });
}
