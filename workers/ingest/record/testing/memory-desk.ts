import type { RecordingDesk, RecordingNote } from '../recording-desk.ts';

/** A desk in memory that plays web and storage: `away` fails every call, `closed` takes no more of that recording. */
export function createMemoryDesk() {
  const desk = {
    away: false,
    closed: new Set<string>(),
    notes: new Map<string, RecordingNote>(),
    pieces: new Map<string, Uint8Array>(),
    async note(id: string, note: RecordingNote) {
      if (desk.away) throw new Error('away');
      if (desk.closed.has(id)) return 'closed' as const;
      desk.notes.set(id, structuredClone(note));
      return 'stored' as const;
    },
    async piece(id: string, name: string, body: Uint8Array) {
      if (desk.away) throw new Error('away');
      if (desk.closed.has(id)) return 'closed' as const;
      desk.pieces.set(`${id}/${name}`, body);
      return 'stored' as const;
    },
  } satisfies RecordingDesk & Record<string, unknown>;
  return desk;
}

export type MemoryDesk = ReturnType<typeof createMemoryDesk>;
