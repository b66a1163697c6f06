import fc from 'fast-check';
import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { memoryOf, RAW_LIMITS, type Shape, workOf } from '../../fingerprint/raw/mod.ts';
import { type Sized, sizedProduct } from '../../node/prober/mod.ts';

const OPTIONS = { firstWork: 2 ** 24, aimS: 1, limits: RAW_LIMITS };

/** A GPU with so many MiB to spare, in a machine with a slow processor. */
function machine(room: number, pace: number, code = 'RAW_GPU') {
  const asked: string[] = [];
  const make = (shape: Shape, backend: 'gpu' | 'cpu' | 'any'): Promise<Sized> => {
    asked.push(`${backend} ${Math.ceil(memoryOf(shape))}`);
    if (backend === 'cpu') return Promise.resolve({ backend: 'cpu', pace: 1e5 });
    if (memoryOf(shape) > room) return Promise.reject(new NexusError(code, 'no room'));
    return Promise.resolve({ backend: 'gpu', pace });
  };
  return { asked, make };
}

t.test('a GPU that is almost full is asked for less, and gives what it can', async (t) => {
  for (const code of ['RAW_GPU', 'RAW_TOO_LARGE']) {
    const { asked, make } = machine(700, 1e9, code);
    const { whole, shape } = await sizedProduct(make, OPTIONS);
    t.equal(whole.backend, 'gpu');
    t.ok(memoryOf(shape) > 256 && memoryOf(shape) <= 700);
    t.ok(asked.length <= 4, asked.join());
  }
});

t.test('where not even 64 MiB are free the processor is asked', async (t) => {
  for (const room of [3, 0]) {
    const { asked, make } = machine(room, 1e9);
    const { first, whole, shape } = await sizedProduct(make, OPTIONS);
    t.equal(whole.backend, 'cpu');
    t.equal(first.backend, 'cpu', 'sized by what a small one on the processor took');
    t.ok(workOf(shape) <= 1e8);
    t.ok(asked.length <= 9, asked.join());
  }
});

t.test('however fast and full a GPU is, there is an end, and limits hold', async () => {
  const room = fc.integer({ min: 0, max: 4096 }),
    pace = fc.double({ min: 1, max: 1e12, noNaN: true });
  await fc.assert(
    fc.asyncProperty(room, pace, async (room, pace) => {
      const { asked, make } = machine(room, pace);
      const { whole, shape } = await sizedProduct(make, OPTIONS);
      const { work, memory } = RAW_LIMITS[whole.backend];
      return asked.length <= 9 && workOf(shape) <= work && memoryOf(shape) <= memory &&
        (whole.backend === 'cpu' || memoryOf(shape) <= room);
    }),
    { numRuns: 50 },
  );
});

t.test('a wrong product is not asked for again', async (t) => {
  const { asked, make } = machine(0, 1e9, 'RAW_WRONG');
  await t.rejects(sizedProduct(make, OPTIONS), { code: 'RAW_WRONG' });
  t.equal(asked.length, 1);
});
