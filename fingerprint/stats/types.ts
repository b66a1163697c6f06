/** What repeated measurements of one figure say. In the figure's unit. */
export interface Sample {
  count: number;
  median: number;
  /** Median absolute deviation from the median. */
  mad: number;
  /** Distribution-free interval of the true median. */
  low: number;
  high: number;
  /** Of that interval, 0 to 1. */
  confidence: number;
  /** Standard deviation over mean; 0 for fewer than two. */
  cv: number;
}

/** How one sample stands to another. */
export interface Ratio {
  /** Of the later one to the earlier. */
  ratio: number;
  /** Interval of 99 %. */
  low: number;
  high: number;
}
