/** Multiplications of one piece of fixed work, some 20 us. */
const PIECE = 16_384;

/** Median and 99th percentile of one step, ns. @param now ms */
export function timerSteps(steps: number, now: () => number): number[] {
  const gaps = new Float64Array(steps);
  let last = now();
  for (let i = 0; i < steps; i++) {
    const time = now();
    gaps[i] = 1e6 * (time - last);
    last = time;
  }
  return middleAndTail(gaps);
}

/** Fixed work quanta: what takes longer than the middle one was interrupted. */
export function workQuanta(steps: number, seed: number, now: () => number): number[] {
  const times = new Float64Array(steps);
  let x = seed | 0;
  for (let i = 0; i < steps; i++) {
    const start = now();
    x = piece(x);
    times[i] = 1e6 * (now() - start);
  }
  // Used, or the compiler might leave it out.
  if (x === 0) times.fill(0);
  return middleAndTail(times);
}

/** By itself: as one of the chains it is compiled anew for each, and not always alike. */
function piece(x: number): number {
  for (let i = 0; i < PIECE; i++) x = x + (Math.imul(x, x) | 5) | 0;
  return x;
}

/** Empty kernels: from submission to the word that they are done. */
export async function kernelLaunches(
  steps: number,
  device: GPUDevice,
  now: () => number,
): Promise<number[]> {
  const code = '@compute @workgroup_size(1) fn empty() {}';
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'empty' },
  });
  const times = new Float64Array(steps);
  for (let i = 0; i < steps; i++) {
    const start = now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.dispatchWorkgroups(1);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    times[i] = 1e6 * (now() - start);
  }
  return middleAndTail(times);
}

function middleAndTail(values: Float64Array): number[] {
  values.sort();
  return [0.5, 0.99].map((q) => Math.max(1, values[Math.floor(q * values.length)]!));
}
