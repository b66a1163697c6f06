import t from 'tap';
import { flagsOf } from './flags.ts';

t.test('every lie has a flag', (t) => {
  const lie = (...args: string[]) => flagsOf(args).lie;
  t.equal(lie(), null);
  t.strictSame(lie('--seed-wrong', '--cheat-rate', '0.05'), { wrongSeed: true, rate: 0.05 });
  t.strictSame(lie('--temperature', '0.5', '--system', 'Lie.'), {
    temperature: 0.5,
    system: 'Lie.',
  });
  t.strictSame(lie('--truncate', '--edit-token', '3'), { truncate: 12, editToken: 3 });
  t.strictSame(lie('--forge-artifact', '--cheat-after', '20'), { forge: 'root', after: 20 });
  t.strictSame(lie('--withhold', '--replay-old-artifact'), { withhold: true, replay: true });
  t.strictSame(lie('--boundary', '--forge-artifact', 'log'), { boundary: 0.02, forge: 'log' });
  t.strictSame(lie('--audits', 'copy', '--friend', 'ab'), { audits: 'copy', friend: 'ab' });
  t.strictSame(lie('--drafter-top3', 'a.gguf'), { drafterTop3: true });
  t.strictSame(lie('--prefill-attack', 'a.gguf'), { prefill: true });
  const { profile, other, roles, kv } = flagsOf(['--profile', 'p', '--weights', 'a.gguf']);
  t.strictSame({ profile, other, roles, kv }, {
    profile: 'p',
    other: 'a.gguf',
    roles: ['executor', 'requester'],
    kv: null,
  });
  t.equal(flagsOf(['--kv', 'q4_0']).kv, 'q4_0');
  t.end();
});
