import { FIELD_ORDER as FIELD } from '../feeds/base/mod.ts';

export { bytesOf, FIELD_ORDER as FIELD, numberOf } from '../feeds/base/mod.ts';

export function isElement(value: bigint): boolean {
  return value >= 0n && value < FIELD;
}
