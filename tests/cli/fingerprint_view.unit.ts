import t from 'tap';
import { type Own, type OwnProbe, ownRows, sharingText } from '../../node/cli/fingerprint_view.ts';

const sample = (median: number) => ({ count: 3, median, mad: 0, low: median, high: median, cv: 0 });
const own = (offload: boolean): Own => ({
  machine: {
    model: 'qwen3-8b',
    backend: offload ? 'cuda' : 'cpu',
    device: offload ? 'NVIDIA RTX 4090' : 'Some processor',
    offload,
    threads: 8,
    slots: 4,
  },
  prefill: sample(900),
  decode: sample(90),
  curve: [{ streams: 1, rate: sample(90) }, { streams: 4, rate: sample(150) }],
  context: 4096,
  ms: 9500,
});
const probe = (backend: 'gpu' | 'cpu', adapter: string | null): OwnProbe => ({
  backend,
  adapter,
  processor: 'Some processor',
  threads: 8,
  raw: sample(500),
  memory: 2048,
  features: [],
  same: null,
});

t.test('a GPU changes what is told beside the table, not the table', (t) => {
  const gpu = ownRows(own(true), probe('gpu', 'RTX 4090 (Vulkan)'), false);
  const cpu = ownRows(own(false), probe('cpu', null), false);
  const names = ({ rows }: typeof gpu) => rows.map(([name]) => name);
  t.same(names(gpu), names(cpu).map((name) => name?.replace('(cpu)', '(gpu)')));
  t.equal(gpu.notes[0], 'as many layers of qwen3-8b as fit are on NVIDIA RTX 4090 (cuda)');
  t.equal(gpu.notes[1], 'raw product on RTX 4090 (Vulkan)');
  t.match(cpu.notes[0], 'no GPU: qwen3-8b runs on the processor, 8 thread(s)');
  t.match(cpu.notes[1], 'WebGPU finds no adapter');
  t.match(ownRows(own(false), probe('cpu', 'llvmpipe'), false).notes[1], 'llvmpipe is software');
  t.end();
});

t.test('one run has no spread, and what is told is told in words', (t) => {
  const once = { ...sample(90), count: 1 };
  const then = { at: 0, distance: 2.16, threshold: 2.75, isSame: true };
  const same = { ...then, rate: { ratio: 0.731, low: 0.7, high: 0.8 } };
  const alone = { ...own(false), curve: [{ streams: 8, rate: once }] };
  const { rows, notes } = ownRows(alone, { ...probe('cpu', null), same }, false);
  t.same(rows[2], ['8 jobs at once, tokens/s of all', '90.0', '', '', '', '1']);
  t.equal(rows[1]!.at(-1), '3');
  t.equal(
    notes.at(-1),
    'this seems to be the machine of 1970-01-01: its micro-benchmarks differ by 2.16, those of ' +
      'another machine by 2.75 or more; the raw product runs at 73 % of its speed then',
  );
  const [a, b] = ['aa'.repeat(32), 'bb'.repeat(32)];
  const said = { a, b, verdict: 'shared', slowdown: { a: 2, b: 2 }, blocks: 12 } as const;
  t.match(sharingText({ ...said, p: 0.0002 }), /\(p < 0\.001, 12 blocks\)/);
  t.match(sharingText({ ...said, p: 0.02 }), /\(p 0\.020, 12 blocks\)/);
  t.end();
});
