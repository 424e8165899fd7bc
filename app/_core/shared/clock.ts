/** Wall time, handed in so that the domain never reads a clock itself. */
export type Clock = { now(): Date };
