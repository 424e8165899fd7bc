/** Bytes of a picture in I420 or NV12: luma, and two chroma planes of half the size, rounded up. */
export function pictureBytes(width: number, height: number): number {
  return width * height + 2 * chromaBytes(width, height);
}

function chromaBytes(width: number, height: number): number {
  return Math.ceil(width / 2) * Math.ceil(height / 2);
}

/** Chromium with a GPU gives NV12 (chroma interleaved), without one I420. In place but for the chroma. */
export function fromNv12(data: Uint8Array, width: number, height: number): void {
  const luma = width * height;
  const chroma = chromaBytes(width, height);
  const pairs = data.slice(luma, luma + 2 * chroma);
  for (let index = 0; index < chroma; index++) {
    data[luma + index] = pairs[2 * index] as number;
    data[luma + chroma + index] = pairs[2 * index + 1] as number;
  }
}
