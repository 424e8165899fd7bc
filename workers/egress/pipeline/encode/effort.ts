import { availableParallelism } from 'node:os';
import type { X264Preset } from '../../plan.ts';

type Size = { width: number; height: number };

/** Up to so many cores, processor time is what a show runs out of first. */
const FEW_CORES = 4;
/** Lines from which a rung is the dear one of a ladder, and has bits to spare. */
const MANY_LINES = 720;

/**
 * With no look-ahead, superfast costs a quarter to two fifths less than veryfast and loses 0.05 to 0.75 dB of PSNR at a rung's usual
 * rate (decision 0026): on a small machine the large rungs take it, the small ones, cheap and short of bits, never do.
 */
export const presetFor = ({ width, height }: Size, cores = availableParallelism()): X264Preset =>
  cores <= FEW_CORES && Math.min(width, height) >= MANY_LINES ? 'superfast' : 'veryfast';

/** Pictures of 720p at 30 a second: one thread has time to spare for them on any processor of the last ten years. */
const PIXELS_OF_A_THREAD = 1280 * 720 * 30;

/**
 * With no delay allowed a second thread means a second slice: a tenth more processor time, a little less quality. It is taken where one
 * thread could be too slow; the rungs beside each other keep the cores busy anyway.
 */
export const threadsFor = ({ width, height, fps }: Size & { fps: number }): number =>
  width * height * fps > PIXELS_OF_A_THREAD ? 2 : 1;
