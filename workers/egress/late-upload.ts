import { join } from 'node:path';
import type { StoragePlan } from './plan.ts';

/** Folder of what one egress could not store, under the spool's root. */
export const SPOOL_PREFIX = 'openair-spool-';
export const spoolFolderOf = (root: string, egressId: string) => join(root, `${SPOOL_PREFIX}${egressId}`);

/** Beside the objects, sealed: where they belong, for a worker that finds the folder after its egress is gone. */
export const SPOOL_NOTE = 'note.sealed';
export const SPOOL_PURPOSE = 'spool';
export type SpoolNote = { egressId: string; playbackId: string | null; storage: StoragePlan };

/** To the process that brings one folder into storage, over IPC since it holds secrets. */
export type LateUploadOrder = { t: 'store'; folder: string; note: SpoolNote; redisUrl: string; logLevel: string };

/** From it: every few seconds, and with 0 when all is stored; it exits by itself then. */
export type LateUploadReport = { t: 'waiting'; waiting: number };
