import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import type { Found } from '../../fingerprint/energy/mod.ts';
import { attestedClass, energy, gpu } from '../../node/daemon/doctor_machine.ts';
import { newestThreads } from '../../node/daemon/memory.ts';
import type { EngineInfo } from '../../node/engine/mod.ts';

const info = (backend: string, device: string): EngineInfo => ({
  backend,
  device,
  build: 'b1',
  memory: { total: 24 * 2 ** 30, free: 2 ** 30 },
});
const CARD = info('cuda', 'NVIDIA GeForce RTX 4090'), NONE = info('cpu', 'Some processor');
const none = () => Promise.resolve(null);

t.test('a card that decodes is told, and one that does not with what mends it', async (t) => {
  t.match(await gpu(CARD, none), {
    state: 'ok',
    detail: /RTX 4090 by cuda, 24\.0 GiB.*as they fit/,
  });
  t.match(await gpu(NONE, none), { state: 'ok', detail: /the processor decodes/ });
  const driver = () => Promise.resolve('/usr/lib/libnvidia-ml.so.1');
  t.match(await gpu(NONE, driver), { state: 'warning', mend: /CUDA/ });
  t.match(await gpu(null, driver), { state: 'ok', detail: /engine did not say/ });
});

t.test('what counts energy is told, and why nothing better does', async (t) => {
  let asked: unknown[] = [], disposed = 0;
  const find = (absent: Found['absent']) =>
  (options: {
    backend: string;
    device: string;
    threads: () => number;
    node: string;
  }): Promise<Found> => {
    asked = [options.backend, options.device, options.threads(), options.node];
    return Promise.resolve({
      absent,
      source: {
        info: { name: 'estimate', detail: `${options.threads()} threads`, error: 0.5, stepMs: 0 },
        read: () => Promise.resolve({ at: 0, joules: 0 }),
        [Symbol.asyncDispose]: () => Promise.resolve(void disposed++),
      },
    });
  };
  t.match(await energy(CARD, { nodeBinary: 'node24' }, 8, find([])), {
    state: 'ok',
    detail: 'estimate, 8 threads, ±50 %',
  });
  t.same(asked, ['cuda', CARD.device, 8, 'node24']);
  const shut = [{ name: 'rapl' as const, reason: 'only root may', mend: 'sudo chmod' }];
  t.match(await energy(null, {}, 2, find(shut)), {
    state: 'warning',
    detail: /; no rapl: only root may$/,
    mend: 'sudo chmod',
  });
  t.same(asked, ['cpu', '', 2, 'node']);
  t.equal(disposed, 2);
});

/** Of `nexus fingerprint --where mesh`. */
const answer = (nodes: unknown[], challengers = 3) => () => Promise.resolve({ challengers, nodes });
const home = {} as Parameters<typeof attestedClass>[0];
const row = { own: true, model: 'm', profile: 'ab'.repeat(32), contradicted: null, attested: null };
const attested = { decode: { low: 9.5, high: 11.25 }, until: 70, by: ['a', 'b'] };

t.test('what others attest of this machine is told', async (t) => {
  const said = async (nodes: unknown[], challengers?: number) =>
    await attestedClass(home, answer(nodes, challengers));
  t.match(await said([]), { state: 'ok', detail: 'nothing yet: 3 challengers will be drawn' });
  t.match(await said([], 0), { detail: /draws no challengers/ });
  t.match(await said([{ ...row, own: false, attested }]), { detail: /nothing yet/ }, 'of another');
  t.match(await said([row, { ...row, model: null, attested }]), {
    state: 'ok',
    detail: 'abababab: 9.5 to 11.3 tokens/s up to cut 70, attested by 2',
  });
  const contradicted = { figure: 'decode', claimed: 90, low: 9.4, high: 11.3 };
  t.match(await said([{ ...row, attested }, { ...row, contradicted }]), {
    state: 'warning',
    detail: 'm: it claims 90 (decode), attested are 9 to 11',
    mend: /nexus fingerprint/,
  });
  const failing = (code: string) => () => Promise.reject(new NexusError(code, 'no'));
  t.match(await attestedClass(home, failing('NODE_NOT_RUNNING')), {
    state: 'ok',
    detail: /nexus up/,
  });
  await t.rejects(attestedClass(home, failing('OTHER')), { code: 'OTHER' });
});

t.test('the estimate goes by the threads that were measured here', (t) => {
  const threads = {
    'x86_64/8/aa': { single: 4, batch: 8, pad: false },
    'x86_64/16/bb': { single: 9, batch: 16, pad: false },
  };
  t.equal(newestThreads(threads, 'x86_64/8/'), 4);
  t.equal(
    newestThreads({ ...threads, 'x86_64/8/cc': { single: 1, batch: 6, pad: true } }, 'x86_64/8/'),
    6,
  );
  t.equal(newestThreads(threads, 'aarch64/8/'), null);
  t.end();
});
