/** Where each part of an install listens: offsets from the base port, the same for every install. */
const OFFSETS = {
  edge: 0,
  playback: 1,
  web: 2,
  realtime: 3,
  livekit: 4,
  livekitTcp: 5,
  rtmp: 6,
  whip: 7,
  redis: 8,
  postgres: 9,
  storage: 10,
  storageConsole: 11,
  turn: 12,
  egressHealth: 13,
  ingestHealth: 14,
  controlHealth: 15,
  turnTls: 16,
  edgeAdmin: 17,
  /** RTMPS (TCP) and SRT (UDP). */
  rtmps: 18,
  srt: 19,
  /** UDP of LiveKit: 100 ports, of coturn's relay: 50. */
  livekitUdpStart: 100,
  livekitUdpEnd: 199,
  relayStart: 200,
  relayEnd: 249,
} as const;

export type Ports = { [name in keyof typeof OFFSETS]: number };

export const DEFAULT_BASE = 8800;
export const TEST_BASE = 9700;

/** @param base first port of the block */
export function portsFrom(base: number): Ports {
  return Object.fromEntries(Object.entries(OFFSETS).map(([name, offset]) => [name, base + offset])) as Ports;
}

/** Every TCP port of an install, edge and playback included: none is ever a target of a destination, pull or webhook. */
export function ownPorts(base: number): number[] {
  return Array.from({ length: OFFSETS.srt + 1 }, (_, offset) => base + offset);
}
