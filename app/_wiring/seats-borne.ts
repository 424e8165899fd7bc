/** Of the machine, for seats: the rest is for stages, programs and what else runs there. */
export const SEATS_SHARE = 0.25;
/** Cores LiveKit spends on one seat, picture and sound: 0.0047 was measured, as the slope over 1, 6 and 12 of them (`npm run bench:seats`). */
const CORES_A_SEAT = 0.005;

/** How many viewers a machine of so many cores may show the program to over WebRTC; at least one. */
export function seatsBorne(cores: number): number {
  return Math.max(1, Math.floor((cores * SEATS_SHARE) / CORES_A_SEAT));
}
