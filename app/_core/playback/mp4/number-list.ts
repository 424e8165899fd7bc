/** A growing list of unsigned 32-bit numbers: four bytes each, however many hours a show has. */
export class NumberList {
  #values = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Uint32Array(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** Big-endian, as boxes have them. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length * 4);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < this.#length; i++) view.setUint32(i * 4, this.#values[i] ?? 0);
    return bytes;
  }

  at(index: number): number {
    return this.#values[index] ?? 0;
  }
}

/** Numbers in runs: how often, then what. */
export class RunList {
  readonly #pairs = new NumberList();
  #count = 0;
  #value = 0;

  add(value: number): void {
    if (this.#count > 0 && value !== this.#value) this.#flush();
    this.#value = value;
    this.#count++;
  }

  #flush(): void {
    this.#pairs.push(this.#count);
    this.#pairs.push(this.#value);
    this.#count = 0;
  }

  /** Ends the list. @returns number of runs, and each as count and value */
  end(): { runs: number; bytes: Uint8Array } {
    if (this.#count > 0) this.#flush();
    return { runs: this.#pairs.length / 2, bytes: this.#pairs.bytes() };
  }
}
