import type { Install } from '../install.ts';
import type { PartSpec } from '../supervise/part.ts';
import { coturnPart, edgePart, livekitPart } from './media.ts';
import { ourParts } from './ours.ts';
import { postgresPart } from './postgres.ts';
import { redisPart, storagePart } from './stores.ts';

/** Every process of an install, in the order of the table. */
export function partsOf(install: Install): PartSpec[] {
  return [
    ...(install.ownPostgres ? [postgresPart(install)] : []),
    redisPart(install),
    ...(install.ownStorage ? [storagePart(install)] : []),
    livekitPart(install),
    coturnPart(install),
    ...ourParts(install),
    edgePart(install),
  ];
}
