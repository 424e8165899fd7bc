/** What the stores need to keep secrets: see `_adapters/node/secret-box.ts`, which is handed in. */
export type Sealer = {
  seal(place: string, plainText: string): string;
  open(place: string, sealed: string): string;
  lookup(purpose: string, plainText: string): Buffer;
};
