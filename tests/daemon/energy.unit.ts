import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { EnergySource, Found } from '../../fingerprint/energy/mod.ts';
import { NodeEnergy } from '../../node/daemon/energy.ts';

/** A source that counts until it is lost. */
function counting(name: 'rapl' | 'estimate') {
  const state = { lost: false, disposed: false, threads: 1 };
  const source: EnergySource = {
    info: {
      name,
      get detail() {
        return `${state.threads} threads`;
      },
      error: 0.05,
      stepMs: 0,
    },
    read: () =>
      state.lost
        ? Promise.reject(new Error('it ended'))
        : Promise.resolve({ at: performance.now(), joules: performance.now() }),
    [Symbol.asyncDispose]: () => {
      state.disposed = true;
      return Promise.resolve();
    },
  };
  return { state, found: { source, absent: [] } };
}

async function energyOf(find: () => Promise<Found>, use: (energy: NodeEnergy) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'energy-'));
  const engine = {
    info: () =>
      Promise.resolve({ backend: 'cpu', device: '', build: '', memory: { total: 0, free: 0 } }),
  };
  try {
    await using energy = new NodeEnergy({
      engine,
      serving: { all: [] },
      costsOf: () => null,
      path: join(folder, 'energy.jsonl'),
      nodeBinary: undefined,
      session: 0,
      find,
    });
    await use(energy);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const job = (energy: NodeEnergy) => energy.begin('m').end(1);

t.test('a search that fails is made again for the next job', async (t) => {
  let searches = 0;
  const { found, state } = counting('rapl');
  const find = () => searches++ === 0 ? Promise.reject(new Error('no')) : Promise.resolve(found);
  await energyOf(find, async (energy) => {
    t.equal(await job(energy), null);
    t.match(await job(energy), { source: 'rapl' });
    t.equal(energy.source?.detail, '1 threads');
    state.threads = 2;
    t.equal(energy.source?.detail, '2 threads', 'as it is now');
  });
  t.equal(searches, 2);
  t.ok(state.disposed);
});

t.test('a source that is lost is looked for again after some jobs', async (t) => {
  const first = counting('rapl'), second = counting('estimate');
  const all = [first.found, second.found];
  await energyOf(() => Promise.resolve(all.shift()!), async (energy) => {
    t.match(await job(energy), { source: 'rapl' });
    first.state.lost = true;
    t.same([await job(energy), await job(energy)], [null, null]);
    first.state.lost = false;
    t.match(await job(energy), { source: 'rapl' }, 'it was away for a moment');
    first.state.lost = true;
    t.same([await job(energy), await job(energy), await job(energy)], [null, null, null]);
    t.equal(energy.source, null);
    t.match(await job(energy), { source: 'estimate' });
    t.ok(first.state.disposed);
    t.equal(energy.source?.name, 'estimate');
  });
});
