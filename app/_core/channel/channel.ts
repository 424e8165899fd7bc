/** A broadcaster's permanent place. Its LiveKit room, the stage, is named by `id`. */
export type Channel = {
  id: string;
  /** Lower case, in addresses: `/{handle}`. 3 to 32 of a–z, 0–9, `-`. */
  handle: string;
  name: string;
  ownerId: string;
  createdAt: Date;
};
