import { storeInputPiece } from '#core/ingest/store-input';
import { internalUpload } from '../../../../../../_http/internal-route.ts';

/** One message of an encoder has 8 MiB at most, and a piece is closed at 3. */
const MAX_PIECE_BYTES = 16 * 1024 * 1024;

export const PUT = internalUpload(MAX_PIECE_BYTES, ({ services, params, body }) => {
  const { id = '', track, piece } = params;
  return storeInputPiece(services, { id, name: `${track}/${piece}`, body });
});
