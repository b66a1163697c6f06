/**
 * Energy of answers: what counts it on this machine, and how much of it each job has used.
 * @module
 */
export { findNvml, libraryFolders, nvmlReader, powercapReader } from './children.ts';
export { grown, PowerIntegral, Turning } from './counter.ts';
export { classPower, estimateSource, type Machine } from './estimate.ts';
export { type FindOptions, findSource, type Found } from './find.ts';
export { EnergyMeter, type JobMeter, type MeterClock } from './meter.ts';
export { type NvmlReader, type NvmlSample, nvmlSource } from './nvml.ts';
export { type FolderReader, raplSource } from './rapl.ts';
export { Attribution, type Phase, type Shares } from './share.ts';
export type { Absence, EnergySource, JobEnergy, Reading, SourceInfo, SourceName } from './types.ts';
