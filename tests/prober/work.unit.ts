import t from 'tap';
import { planWork } from '../../fingerprint/work/mod.ts';
import { doWork, probePriceCap, type WorkOptions } from '../../node/prober/mod.ts';

const PLAN = planWork(new Uint8Array(32).fill(3), {
  contextSize: 1024,
  maxPromptTokens: 1024,
  maxTokens: 128,
  claim: null,
  runs: 9,
});

/** An executor that takes every job and answers none, with as many jobs of others as said. */
function asked(others: (own: number) => number) {
  let jobs = 0;
  const options = {
    executor: {},
    contextSize: 1024,
    priceCap: 1,
    costs: null,
    sender: {},
    pool: {
      messages: () => {
        jobs++;
        return [];
      },
    },
    tick: () => 0,
    others,
    check: () => Promise.resolve('verified'),
    random: () => 0,
    gapMs: 0,
    againMs: 0,
    onStep: () => {},
  } as unknown as WorkOptions;
  return { options, count: () => jobs };
}

t.test('where there is money nobody pays more for being drawn', (t) => {
  t.equal(probePriceCap(900, 100, true), 100);
  t.equal(probePriceCap(900, 100, false), 900);
  t.equal(probePriceCap(50, 100, true), 100);
  t.end();
});

t.test('an executor that always has jobs of others is paid for none', async (t) => {
  const { options, count } = asked(() => 1);
  const { timings, failure } = await doWork(PLAN, options, new AbortController().signal);
  t.equal(count(), 0);
  t.equal(failure?.code, 'EXECUTOR_BUSY');
  t.ok(timings.flat().every((one) => one === null));
});

t.test('who says that others came in between makes a plan two steps longer at most', async (t) => {
  const { options, count } = asked((own) => own > 0 ? 1 : 0);
  const { failure } = await doWork(PLAN, options, new AbortController().signal);
  t.equal(count(), 3 + 2, 'three steps that come to nothing end it; two were done once more');
  t.equal(failure?.code, 'EXECUTOR_BUSY');
});
