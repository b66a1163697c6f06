import t from 'tap';
import { Template } from '@huggingface/jinja';
import { renderBounded } from '../../node/engine/bounded_template.ts';

const messages = [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Yes?' }];
const items = { messages, add_generation_prompt: true, bos_token: '<s>', eos_token: '</s>' };

t.test('an honest template renders as without bounds', (t) => {
  const templates = [
    '{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m["content"] | trim }}{{ eos_token }}{% endfor %}' +
    '{% if add_generation_prompt %}<|assistant|>{% endif %}',
    '{% macro turn(m) %}[{{ m.role | upper }}] {{ m.content }}\n{% endmacro %}{% for m in messages %}{{ turn(m) }}{% endfor %}',
    '{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + loop.index %}{% endfor %}{{ ns.n }}',
    '{% for i in range(0, 6, 2) %}{{ i }},{% endfor %}{{ messages | length }}{{ messages[1:] | tojson }}',
    '{{ messages[0].content.split("i") | join("-") }}{{ "x".upper() }}',
  ];
  for (const source of templates) {
    t.equal(renderBounded(new Template(source), items), new Template(source).render(items), source);
  }
  t.end();
});

t.test('a hostile template is stopped before it costs much', (t) => {
  const bombs = {
    'a long loop': '{% for i in range(1000000000) %}{% endfor %}',
    'an alias of it': '{% set r = range %}{{ r(0, 1000000000) | length }}',
    'tiny steps': '{% for i in range(0, 1, 0.000000001) %}{% endfor %}',
    'loops in loops':
      '{% set r = range(9999) %}{% for a in r %}{% for b in r %}{% endfor %}{% endfor %}',
    'a text that doubles': `{% set x = "0123456789" %}${'{% set x = x + x %}'.repeat(60)}{{ x }}`,
    'a list that doubles': `{% set x = [1] %}${'{% set x = x + x %}'.repeat(60)}{{ x }}`,
    'lists in lists': `{% set x = [1] %}${'{% set x = [x, x] %}'.repeat(60)}{{ x }}`,
    'a mapping in mappings': `{% set x = {"a": 1} %}${
      '{% set x = {"a": x, "b": x} %}'.repeat(60)
    }{{ x }}`,
    'endless recursion': '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}',
  };
  for (const [name, source] of Object.entries(bombs)) {
    // A clock on which every step takes long: the bound is on steps, not on this machine.
    let tick = 0;
    t.throws(() => renderBounded(new Template(source), items, () => tick += 50), name);
    t.ok(tick < 6000, `${name}: few steps`);
  }
  t.equal(new Template('{{ bos_token }}').render(items), '<s>', 'the library is as it was');
  t.end();
});
