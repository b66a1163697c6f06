import t from 'tap';
import { runDeno } from '../lib/deno.ts';

t.test('the control socket answers, streams, holds back, cancels and refuses', async (t) => {
  const { code, stdout, stderr } = await runDeno('tests/control/driver.ts');
  t.equal(code, 0, stderr);
  const seen = JSON.parse(stdout);
  t.equal(seen.notRunning, 'NODE_NOT_RUNNING');
  t.equal(seen.mode, 0o600);
  t.equal(seen.sum, 5);
  t.match(seen.failure, { code: 'PEER_LOST', message: 'gone', peer: 'ab', hint: 'retry' });
  t.same(seen.events, [0, 1, 2]);
  t.equal(seen.result, 'counted');
  t.ok(seen.produced < 200, `a stalled reader let ${seen.produced} messages of 64 KiB through`);
  t.equal(seen.cancelled, 'cancelled');
  t.equal(seen.worked, 'to its end');
  t.equal(seen.unknown, 'CONTROL_UNKNOWN_METHOD');
  t.equal(seen.garbage, 'CONTROL_BAD_CALL');
  t.equal(seen.waitedFor, 1, 'a watcher was there still');
  t.equal(seen.stopped, 'NODE_STOPPED');
});
