import type { InputRecording, InputRecordingStore } from '#core/ingest/input-recording';

/** Twin of the store of input recordings, for these channels. */
export function memoryInputRecordingStore(channelIds: readonly string[]): InputRecordingStore {
  const all = new Map<string, InputRecording>();
  return {
    async note(id, { ended: _ended, bytes: sizeBytes, startedAtMs, ...note }, heardAt) {
      const known = all.get(id);
      if (known && (known.state !== 'recording' || known.channelId !== note.channelId)) return false;
      if (!channelIds.includes(note.channelId)) return false;
      const fixed = {
        id,
        protocol: note.protocol,
        startedAt: new Date(startedAtMs),
        state: 'recording',
        recovered: false,
      };
      all.set(id, {
        ...note,
        sizeBytes,
        heardAt,
        ...fixed,
        ...(known && { startedAt: known.startedAt }),
      } as InputRecording);
      return true;
    },
    get: async (id) => all.get(id) ?? null,
    async find(which) {
      const isMeant = (one: InputRecording) =>
        'channelId' in which ? one.channelId === which.channelId : which.states.includes(one.state);
      const found = [...all.values()].filter(isMeant);
      return found.sort(
        (one, other) => other.startedAt.getTime() - one.startedAt.getTime() || (one.id < other.id ? -1 : 1),
      );
    },
    async change(id, from, change) {
      const known = all.get(id);
      if (known?.state !== from) return false;
      const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      all.set(id, { ...known, ...said });
      return true;
    },
    async remove(id) {
      all.delete(id);
    },
  };
}
