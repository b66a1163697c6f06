import t from 'tap';
import { ThreadPace } from '../../node/engine/pace.ts';
import { randomOf } from '../lib/random.ts';

/** Threads of so many calls, that take what `cost` says of their threads, ms a row. */
function calls(pace: ThreadPace, count: number, cost: (threads: number) => number): number[] {
  return Array.from({ length: count }, () => {
    const { threads } = pace;
    pace.took(cost(threads));
    return threads;
  });
}

const count = (taken: number[], threads: number) => taken.filter((one) => one === threads).length;

/** Nobody else is there; a call in ten takes half as long again. */
function idle(): (threads: number) => number {
  const random = randomOf(3);
  return (threads) => (random() < 0.1 ? 6 : 4) / threads;
}

/** Others hold a processor: threads wait for each other, often and long. */
function busy(): (threads: number) => number {
  const random = randomOf(7);
  return (threads) => threads === 1 ? 5 : random() < 0.3 ? 60 : 3;
}

t.test('on an idle machine nothing is tried', (t) => {
  t.equal(count(calls(new ThreadPace(2), 2000, idle()), 1), 0);
  t.end();
});

t.test('on a busy machine half of the threads are taken, until it is idle again', (t) => {
  const pace = new ThreadPace(2);
  calls(pace, 100, idle());
  const taken = calls(pace, 1000, busy());
  t.ok(taken.indexOf(1) <= 24, 'after two dozen calls at most');
  t.ok(count(taken, 2) < 150, `all but ${count(taken, 2)} of 1000`);
  const after = calls(pace, 600, idle());
  t.equal(count(after.slice(300), 1), 0, 'after a while it is as before');
  t.end();
});

t.test('a machine that is busy from the first call on is found to be', (t) => {
  const taken = calls(new ThreadPace(2), 500, busy());
  t.ok(count(taken, 2) < 100, `all but ${count(taken, 2)} of 500`);
  t.end();
});

t.test('where fewer are no faster, they are tried seldom', (t) => {
  const pace = new ThreadPace(8), cost = idle();
  calls(pace, 50, cost);
  const slow = calls(pace, 1000, (threads) => 10 * cost(threads));
  t.ok(count(slow, 4) <= 20);
  t.equal(slow.at(-1), 8);
  t.end();
});

t.test('one thread is one thread', (t) => {
  t.equal(count(calls(new ThreadPace(1), 200, busy()), 1), 200);
  t.end();
});
