import t from 'tap';
import { runDeno } from '../lib/deno.ts';

t.test('a product of WGSL is the processor’s to the last cell', async (t) => {
  // A software adapter takes half a minute to compile the kernel, the first time.
  const run = await runDeno('tests/fingerprint/gpu_driver.ts', [], 550_000);
  t.equal(run.code, 0, run.stderr);
  const report = JSON.parse(run.stdout);
  if (report.adapter === null) {
    t.pass('compared', { skip: 'WebGPU finds no adapter here, real or software' });
    return;
  }
  t.comment(`${report.adapter}, counted as ${report.backend}`);
  for (const { shape, same } of report.products) t.ok(same, shape);
  t.match(report.large, /^(RAW_TOO_LARGE|unasked)$/, 'what it cannot bind is not tried');
  t.equal(report.launches.length, 2);
  t.ok(report.launches[0] > 0 && report.launches[0] <= report.launches[1]);
});
