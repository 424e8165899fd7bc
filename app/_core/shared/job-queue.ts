/** Jobs by name: what each one is told. A job may run twice; its handler reads the truth again. */
export type Jobs = {
  'start-egress': { broadcastId: string };
  'end-broadcast': { broadcastId: string };
  'finalize-recording': { broadcastId: string };
  'make-recording-files': { broadcastId: string };
  'process-webhook': { eventId: string };
  'finish-input': { recordingId: string };
};
export type JobName = keyof Jobs;

/** Port: hands work to the control worker. A lost job is found again by a reconciler. */
export type JobQueue = {
  /** Jobs of one name and subject that wait are one. */
  add<Name extends JobName>(name: Name, data: Jobs[Name], options?: { delayMs?: number }): Promise<void>;
};

/** What each job does. */
export type JobHandlers = { [Name in JobName]: (data: Jobs[Name]) => Promise<void> };
