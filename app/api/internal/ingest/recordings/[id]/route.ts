import { InputRecordingNote } from '#core/ingest/input-recording';
import { noteInput } from '#core/ingest/store-input';
import { internalRoute } from '../../../../_http/internal-route.ts';

export const PUT = internalRoute(InputRecordingNote, ({ services, params, body }) =>
  noteInput(services, params.id ?? '', body),
);
