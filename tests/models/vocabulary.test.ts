import t from 'tap';
import { fromHex } from '../../feeds/base/mod.ts';
import { ModelStore } from '../../node/models/mod.ts';
import { runDeno } from '../lib/deno.ts';
import { folder } from './files.ts';

t.test('the vocabulary alone tokenises as the whole model does', async (t) => {
  const store = new ModelStore(await folder(t));
  const files = await store.files(fromHex((await store.resolve('austen-3.7m')).id));
  const { weights, vocabulary } = files!;
  const { stdout, stderr } = await runDeno('tests/models/tokenise.ts', [weights!, vocabulary]);
  t.match(stdout, /^\[/, stderr.slice(-500));
  const [whole, alone] = JSON.parse(stdout.slice(stdout.indexOf('[{')));
  t.ok(whole.plain[0].length > 5 && whole.template.includes('im_start'));
  t.notSame(whole.plain, whole.special, 'control tokens in text stay text unless asked for');
  t.same(alone, whole);
});
