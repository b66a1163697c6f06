import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import type { PrintDuty } from '../../feeds/fingerprints/mod.ts';
import { type Challenged, Challenger, PROBE_POLICY } from '../../node/prober/mod.ts';

const key = (id: number) => toHex(new Uint8Array(32).fill(id));

function duty(executor: number, due: number): PrintDuty {
  return {
    executor: key(executor),
    profile: key(2),
    backendClass: key(3),
    challenger: key(4),
    beacon: 1,
    draw: key(5),
    due,
    state: 'drawn',
    place: null,
  };
}

function challenger(
  challenge: (signal: AbortSignal) => Promise<Challenged>,
  { epochMs, logged = () => {} }: { epochMs: number; logged?: () => void },
) {
  let over = (_detail: string): void => {};
  const ended = new Promise<string>((resolve) => over = resolve);
  const made = new Challenger({
    policy: { ...PROBE_POLICY, againMs: 1 },
    epochMs,
    busy: () => null,
    challenge: (_order, _onStep, signal) => challenge(signal),
    log: () => Promise.resolve(logged()),
    onChange: ({ state, detail }) => {
      if (state === 'failed' || state === 'logged') over(`${state}: ${detail}`);
    },
    random: () => 0,
    tick: () => performance.now(),
    now: () => 0,
  });
  return { made, ended };
}

t.test('a drawn challenge that is dragged out ends with its time', async (t) => {
  // Timers of signals alone keep no process alive.
  const awake = setInterval(() => {}, 1_000);
  const { made, ended } = challenger(
    (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    { epochMs: 20 },
  );
  made.settled(5, [{ duty: duty(1, 6), place: 0, challengers: 1 }]);
  t.equal(await ended, 'failed: too late');
  await made[Symbol.asyncDispose]();
  clearInterval(awake);
});

t.test('answers that are never right are bought twice for one duty, not to its end', async (t) => {
  let bought = 0, logged = 0;
  const { made, ended } = challenger(() => {
    bought++;
    return Promise.resolve(
      {
        record: { runs: 0 },
        transcript: { jobs: [{ artifact: key(9) }] },
        failure: null,
      } as unknown as Challenged,
    );
  }, { epochMs: 60_000, logged: () => logged++ });
  made.settled(5, [{ duty: duty(1, 8), place: 0, challengers: 1 }]);
  t.equal(await ended, 'logged: no verified answer');
  t.equal(bought, 2);
  t.equal(logged, 1);
  await made[Symbol.asyncDispose]();
});
