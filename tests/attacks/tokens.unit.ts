import t from 'tap';
import { createFakeEngine } from '../../node/engine/mod.ts';
import { ModelStore } from '../../node/models/mod.ts';

t.test('ids that no vocabulary has are refused, and leave the text as it was', async (t) => {
  const engine = createFakeEngine();
  const { profile } = (await new ModelStore(t.testdir()).resolve('austen-3.7m')).entry;
  const files = { weights: 'any', vocabulary: 'any' };
  const { profileId } = await engine.load(profile, files, { weights: false });
  const ids = await engine.tokenizeText(profileId, 'quite a text');
  const stream = engine.textStream(profileId, []);
  let text = await stream.push(ids.slice(0, 2));
  for (const bad of [0x7fff_ffff, -1, 1.5]) {
    await t.rejects(stream.push([ids[2]!, bad]), { code: 'BAD_TOKEN' });
  }
  text += await stream.push(ids.slice(2));
  t.equal(text + await stream.end(), 'quite a text');
});
