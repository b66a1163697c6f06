import t from 'tap';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDeno } from '../lib/deno.ts';

/** What NVML has of this: a card that counts a watt, and an old one that tells its power alone. */
const NVML = `
#include <string.h>
#include <time.h>
static int cards[2];
static unsigned long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}
int nvmlInit_v2(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **h) { *h = &cards[i]; return 0; }
int nvmlDeviceGetName(void *h, char *b, unsigned n) { strncpy(b, "Card", n); return 0; }
int nvmlDeviceGetTotalEnergyConsumption(void *h, unsigned long long *e) {
  if (h == &cards[1]) return 3;
  *e = now();
  return 0;
}
int nvmlDeviceGetPowerUsage(void *h, unsigned *p) { *p = 50000; return 0; }
`;

t.test('counters are read by processes that may do nothing else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'counters-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const powercap = join(folder, 'powercap'), zone = join(powercap, 'intel-rapl:0');
  mkdirSync(zone, { recursive: true });
  writeFileSync(join(folder, 'secret'), 'x');
  writeFileSync(join(zone, 'name'), 'package-0\n');
  writeFileSync(join(zone, 'max_energy_range_uj'), '1000000\n');
  writeFileSync(join(zone, 'energy_uj'), '5\n');
  const compiler = spawnSync('cc', ['--version']).status === 0;
  const library = join(folder, 'libnvidia-ml.so.1');
  if (compiler) {
    writeFileSync(join(folder, 'nvml.c'), NVML);
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(folder, 'nvml.c')]);
  }
  const { code, stdout, stderr } = await runDeno('tests/fingerprint/energy_children.ts', [
    powercap,
    ...(compiler ? [library] : []),
  ]);
  t.equal(code, 0, stderr);
  const said = JSON.parse(stdout);
  t.match(said.rapl, { name: 'rapl', detail: 'processor: package-0', joules: 0 });
  t.equal(said.outside, 'ERR_ACCESS_DENIED', 'a file beside the folder');
  if (!compiler) return t.comment('there is no C compiler: NVML was not tried');
  t.match(said.nvml, { name: 'nvml', detail: 'sampled power of Card', error: 0.1, grew: true });
  t.match(said.other, { name: 'nvml', reason: /NVML does not answer/, mend: null });
});
