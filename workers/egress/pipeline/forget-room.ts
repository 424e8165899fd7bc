import type { EventEmitter } from 'node:events';
import type { Room } from '@livekit/rtc-node';

/**
 * Lets go of a room that has ended by itself. rtc-node 1.1.0 takes its listener off the native library's events only in `disconnect()` of
 * a room that is still connected: one that LiveKit ended would hear every frame of the rooms after it, and stay in memory, for as long
 * as the process lives. Harmless for one that was disconnected by us.
 */
export function forgetRoom(room: Room): void {
  const library: EventEmitter | undefined = Reflect.get(globalThis, '_ffiClientInstance');
  const listener: unknown = Reflect.get(room, 'onFfiEvent');
  if (library && typeof listener === 'function') library.off('ffi_event', listener as () => void);
}
