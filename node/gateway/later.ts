/** A promise with what settles it: `Promise.withResolvers`, which Node 20 does not have. */
export interface Later<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
}

export function later<T>(): Later<T> {
  let resolve!: Later<T>['resolve'], reject!: Later<T>['reject'];
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
