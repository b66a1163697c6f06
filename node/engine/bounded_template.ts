import { Interpreter, type Template } from '@huggingface/jinja';
import { NexusError } from '../../feeds/base/mod.ts';

/** A model's template comes from a stranger and runs in the process that answers everybody. */
const RENDER_MS = 5000;
const MAX_NODES = 200_000;
const MAX_CHARS = 4 * 1024 * 1024;
/** Of what a template may call, `range` makes something as large as its numbers. */
const MAX_ARGUMENT = 10_000;

type Value = ReturnType<Interpreter['evaluate']>;

/**
 * Renders a template that may be hostile: each step is bounded in the size of what it makes, all of
 * them together in time.
 * @param now monotonic milliseconds
 * @throws {NexusError} `TEMPLATE_TOO_COSTLY`, and what the template itself raises
 */
export function renderBounded(
  template: Template,
  items: Record<string, unknown>,
  now: () => number = () => performance.now(),
): string {
  const limit = MAX_CHARS + 4 * JSON.stringify(items).length;
  const end = now() + RENDER_MS;
  const evaluate = Interpreter.prototype.evaluate;
  // The library has no hook. Rendering is synchronous: nobody else sees the method replaced.
  Interpreter.prototype.evaluate = function (statement, environment) {
    if (now() > end) throw costly('it takes too long');
    const value = evaluate.call(this, statement, environment);
    demandSmall(value, limit);
    return value.type === 'FunctionValue' ? guarded(value) : value;
  };
  try {
    return template.render(items);
  } finally {
    Interpreter.prototype.evaluate = evaluate;
  }
}

/** Counts a value with all that is in it, as often as it is in it: printing costs as much. */
function demandSmall(value: Value, limit: number): void {
  let nodes = 0, chars = 0;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const inner = (open.pop() as { value?: unknown } | undefined)?.value;
    nodes++;
    if (typeof inner === 'string') chars += inner.length;
    else if (Array.isArray(inner)) {
      nodes += inner.length;
      if (nodes <= MAX_NODES) { for (const one of inner) open.push(one); }
    } else if (inner instanceof Map) { for (const one of inner.values()) open.push(one); }
    if (nodes + open.length > MAX_NODES || chars > limit) throw costly('it makes too much');
  }
}

/** A function that refuses numbers which would make it spin. */
function guarded(value: Value): Value {
  const call = value.value as (args: Value[], scope: unknown) => Value;
  const safe = (args: Value[], scope: unknown) => {
    for (const { value: one } of args) {
      const huge = typeof one === 'number' &&
        (!Number.isInteger(one) || Math.abs(one) > MAX_ARGUMENT);
      if (huge) throw costly('it counts too far');
    }
    return call(args, scope);
  };
  const copy = Object.create(Object.getPrototypeOf(value));
  return Object.assign(copy, value, { value: safe });
}

function costly(why: string): NexusError {
  return new NexusError('TEMPLATE_TOO_COSTLY', `the model's chat template was stopped: ${why}`, {
    hint: 'do not use this model: no honest template is like that',
  });
}
