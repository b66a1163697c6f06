/**
 * A copy of plain data: values, bytes, arrays, maps, sets, and of objects their own fields. What one
 * object is twice in the original is one object twice in the copy. Unlike `structuredClone` it takes
 * of the bytes of a larger buffer only those that are looked at.
 */
export function plainCopy<T>(value: T): T {
  return copy(value, new Map()) as T;
}

function copy(value: unknown, done: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  const keep = <T>(made: T): T => {
    done.set(value, made);
    return made;
  };
  if (value instanceof Uint8Array) return keep(new Uint8Array(value));
  if (Array.isArray(value)) {
    const made = keep<unknown[]>([]);
    for (const one of value) made.push(copy(one, done));
    return made;
  }
  if (value instanceof Map) {
    const made = keep(new Map());
    for (const [key, one] of value) made.set(copy(key, done), copy(one, done));
    return made;
  }
  if (value instanceof Set) {
    const made = keep(new Set());
    for (const one of value) made.add(copy(one, done));
    return made;
  }
  const made = keep<Record<string, unknown>>({});
  for (const [key, one] of Object.entries(value)) made[key] = copy(one, done);
  return made;
}
