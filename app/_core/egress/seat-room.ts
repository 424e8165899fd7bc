/** Port: the LiveKit rooms that the program is published into for viewers in seats; a stage is none of them. Throws AppError 'livekit-unavailable'. */
export type SeatRoom = {
  /** Makes the room if it is missing; one that is open stays as it is. */
  ensure(roomName: string): Promise<void>;
  /** Lets one viewer receive, unseen by the others; nothing else. @param lifeS until it must have been used */
  token(seat: { roomName: string; identity: string; lifeS: number }): Promise<string>;
  /** Removing who is not there is fine. */
  remove(roomName: string, identity: string): Promise<void>;
  /** Who is in there; empty when there is no such room. */
  identities(roomName: string): Promise<string[]>;
};
