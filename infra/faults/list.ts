import { CPU_SHORT } from './cpu-short.ts';
import { ENGINE_FAULTS } from './engine-faults.ts';
import type { Fault } from './inject.ts';
import { SOAK } from './soak.ts';
import { STORE_FAULTS } from './store-faults.ts';
import { WORLD_FAULTS } from './world-faults.ts';

/** Every fault, in the order of the table. Those marked `long` run only when they are named. */
export const FAULTS: readonly Fault[] = [...ENGINE_FAULTS, ...STORE_FAULTS, ...WORLD_FAULTS, CPU_SHORT, SOAK];
