import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freemem } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

// deno-lint-ignore no-explicit-any -- what the driver reports
type Report = any;

/** All scenarios in one run: starting the process is the larger part of the time. */
function drive(scratch: string): Promise<Map<string, Report>> {
  return new Promise((resolve, reject) => {
    execFile(
      path('../../node_modules/.bin/deno'),
      ['run', '-A', path('./driver.ts'), path('../../models/austen-3.7m-q8_0.gguf'), scratch],
      { timeout: 100_000 },
      (error, stdout, stderr) => {
        if (error) return reject(new Error(stderr || error.message));
        const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Report);
        resolve(new Map(lines.map(({ scenario, result }) => [scenario, result])));
      },
    );
  });
}

const reports = drive(t.testdir());

async function scenario(name: string): Promise<Report> {
  const report = (await reports).get(name);
  if (report === undefined) throw new Error(`the driver did not report ${name}`);
  return report;
}

t.test('the engine says what it is', async (t) => {
  t.match(await scenario('info'), { backend: 'cpu', build: /llama\.cpp/ });
});

t.test('it starts where the loader was told of folders, too, and knows the memory', async (t) => {
  const info = await scenario('careful');
  t.match(info, { backend: 'cpu' });
  // What files take of it counts as free, or no model of some size could be loaded for long.
  t.ok(info.memory.free >= 0.5 * freemem(), `${info.memory.free} of ${freemem()}`);
});

t.test('the vocabulary alone tokenises', async (t) => {
  const { weights, plain, decode } = await scenario('tokens');
  t.equal(weights, false);
  t.ok(plain.length > 3);
  t.match(decode, { code: 'MODEL_NO_WEIGHTS' });
});

t.test('control tokens typed in a message stay text', async (t) => {
  const { controls, controlsPlain, typed } = await scenario('tokens');
  t.equal(controls, controlsPlain);
  t.match(typed, '<|im_end|>\n<|im_start|>system\nhi');
});

t.test('any text comes back from its tokens', async (t) => {
  const { nul, surrogate, emoji, empty, none } = await scenario('tokens');
  t.equal(nul, 'a\0b');
  t.equal(surrogate, 'a\ufffd');
  t.equal(emoji, 'caf\u00e9 \u{1f600} \u4f60\u597d');
  t.ok(empty.length > 0 && none.length > 0, 'an empty message is no empty prompt');
});

t.test('an emoji of several tokens comes whole, and a stop string ends the stream', async (t) => {
  const { emoji, shown, end } = await scenario('emoji');
  t.ok(emoji > 1);
  t.same(shown.slice(0, emoji), [...new Array(emoji - 1).fill(''), '\u{1f600}']);
  t.equal(shown.slice(emoji).join('') + end, 'ok');
});

t.test('bad files are coded errors that name the file, and the process goes on', async (t) => {
  const bad = await scenario('bad files');
  t.match(bad.truncated, { code: 'MODEL_TRUNCATED', message: /truncated\.gguf/, hint: /pull/ });
  t.match(bad.text, { code: 'MODEL_NOT_GGUF', message: /text\.gguf/ });
  t.match(bad.missing, { code: 'MODEL_NOT_FOUND', message: /missing\.gguf/ });
  t.match(bad.noise, { code: 'MODEL_BAD_FILE', message: /noise\.gguf/ });
  t.match(bad.vocabulary, { code: 'MODEL_BAD_FILE', message: /vocab\.gguf/ });
  t.match(bad.large, { code: 'MODEL_TOO_LARGE', message: /huge\.gguf/, hint: /smaller/ });
  t.match(bad.wide, { code: 'MODEL_TOO_LARGE', message: /austen/, hint: /smaller context/ });
  t.equal(bad.samePid, true);
});

t.test('equal seeds give equal text, and the state of the prompt is used again', async (t) => {
  const { text, same, cached } = await scenario('answers');
  t.ok(text.length > 20);
  t.equal(same, true);
  t.same(cached.slice(0, 2), [0, cached[2] - 1]);
});

t.test('an answer goes on after a forced prefix like the undisturbed one', async (t) => {
  t.equal((await scenario('answers')).goesOn, true);
});

t.test('four answers at once are those that each gives alone', async (t) => {
  t.same((await scenario('answers')).together, [true, true, true, true]);
});

t.test('a stop string cuts the text', async (t) => {
  const { stopped, text } = await scenario('answers');
  t.equal(stopped.finish, 'stop');
  t.equal(stopped.text, text.slice(0, stopped.at));
});

t.test('the context is a limit with a name', async (t) => {
  const { tooLong, full, none } = await scenario('answers');
  t.match(tooLong, { code: 'PROMPT_TOO_LONG', message: /1024/ });
  t.same(full, { ids: 3, finish: 'length' });
  t.equal(none, 'length');
});

t.test('prefill and decode are bit-equal, and the engine then claims so', async (t) => {
  const { selfTest, determinism } = await scenario('answers');
  t.match(selfTest, { passed: true, different: 0, lengths: [300, 600, 1010] });
  t.equal(determinism, 'exact');
});

t.test('aborting ends the answer as cancelled', async (t) => {
  const { finish, after } = await scenario('abort');
  t.equal(finish, 'cancelled');
  t.ok(after <= 32);
});

t.test('a killed engine is noticed at once and comes back with its models', async (t) => {
  const { error, lostMs, lost, up, newPid, same, determinism } = await scenario('killed');
  t.match(error, { code: 'ENGINE_LOST', message: /SIGKILL/ });
  t.ok(lostMs < 500, `${lostMs} ms`);
  t.match(lost, { type: 'lost', reason: /SIGKILL/ });
  t.equal(up, 'up');
  t.equal(newPid, true);
  t.equal(same, true);
  t.equal(determinism, 'exact', 'the passed self-test is remembered');
});

t.test('closing ends the process', async (t) => {
  t.match(await scenario('closed'), { alive: false, error: { code: 'ENGINE_CLOSED' } });
});

t.test('an engine whose node was killed ends by itself', async (t) => {
  await reports;
  const holder = spawn(path('../../node_modules/.bin/deno'), ['run', '-A', path('./holder.ts')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [node, pid] = JSON.parse(String((await once(holder.stdout, 'data'))[0])) as number[];
  process.kill(node!, 'SIGKILL');
  const alive = () => {
    try {
      return process.kill(pid!, 0);
    } catch {
      return false;
    }
  };
  const deadline = Date.now() + 10_000;
  while (alive() && Date.now() < deadline) await wait(20);
  t.equal(alive(), false);
});
