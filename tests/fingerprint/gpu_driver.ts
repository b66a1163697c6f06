/** Computes products with WebGPU's adapter, whatever it is, and here; reports one JSON line. */
import { kernelLaunches } from '../../fingerprint/micro/noise.ts';
import { findAdapter, Gpu, multiplyHere, type RawChallenge } from '../../fingerprint/raw/mod.ts';

const never = new AbortController().signal;
const found = await findAdapter();
if (found === null) console.log(JSON.stringify({ adapter: null }));
else {
  const gpu = await Gpu.open(found.adapter);
  const products: { shape: string; same: boolean }[] = [];
  for (
    const [rows, inner, cols] of [
      [64, 64, 64],
      [256, 1024, 192],
      [512, 512, 512],
      [64, 32_768, 64],
      [1024, 64, 2048],
    ] as const
  ) {
    const nonce = crypto.getRandomValues(new Uint8Array(32));
    const challenge: RawChallenge = {
      type: 'raw',
      nonce,
      shape: { rows, inner, cols },
      backend: 'any',
    };
    const { root } = await gpu.multiply(challenge, never);
    const same = multiplyHere(challenge).root.every((byte, i) => byte === root[i]);
    products.push({ shape: `${rows} x ${inner} x ${cols}`, same });
  }
  let large: string | null = null;
  try {
    const shape = { rows: 16_384, inner: 32_768, cols: 16_384 };
    const nonce = new Uint8Array(32);
    await gpu.multiply({ type: 'raw', nonce, shape, backend: 'any' }, AbortSignal.abort('unasked'));
  } catch (error) {
    large = (error as { code?: string }).code ?? String(error);
  }
  const launches = await kernelLaunches(20, gpu.device, () => performance.now());
  gpu.close();
  console.log(
    JSON.stringify({ ...found.found, adapter: found.found.name, products, large, launches }),
  );
}
Deno.exit(0);
