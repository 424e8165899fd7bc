/** Kinds of record that carry their kind in the id: `br_k3…`. */
export type IdPrefix =
  | 'ch'
  | 'br'
  | 'ds'
  | 'rec'
  | 'usr'
  | 'msg'
  | 'vs'
  | 'key'
  | 'in'
  | 'pb'
  | 'gst'
  | 'vw'
  | 'tk'
  | 'seat';

/** Makes unguessable ids; handed in so that the domain stays deterministic. */
export type Ids = {
  /** A new id, e.g. `make('br')` → `br_` + 22 base-62 characters (131 bits). */
  make(prefix: IdPrefix): string;
};
