/**
 * What a job of a probe may cost an output token. Where there is money, what everybody pays: an executor
 * that asks for more is not measured, for challengers are drawn and cannot choose somebody else.
 * @param asked what the executor asks, micro-NCU
 * @param usual what this node offers for any job of the profile, micro-NCU
 */
export function probePriceCap(asked: number, usual: number, isMoney: boolean): number {
  return isMoney ? usual : Math.max(asked, usual);
}
