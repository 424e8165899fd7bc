import type { IngestTarget } from '../ports.ts';

/** A channel's encoder as a key look-up gives it, with what a test needs otherwise. */
export function sampleTarget(changes: Partial<IngestTarget> = {}): IngestTarget {
  return {
    ingressId: 'IN_1',
    roomName: 'ch_1',
    identity: 'enc_primary',
    name: 'Encoder',
    channelId: 'ch_1',
    source: 'channel',
    metadata: '',
    wishes: { video: null, audio: null },
    secondEncoder: 'take-over',
    record: false,
    ...changes,
  };
}
