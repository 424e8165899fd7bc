// @ts-check
/** Shares of red and blue in luma. @typedef {{ red: number, blue: number }} Shares */
const BT601 = { red: 0.299, blue: 0.114 };
const BT709 = { red: 0.2126, blue: 0.0722 };

/**
 * Luma and chroma of one matrix in terms of the other's; the grey axis is the same, so luma takes something of the chroma, and chroma
 * mixes with itself.
 * @param {Shares} from @param {Shares} to
 */
function between(from, to) {
  /** @param {number} u @param {number} v red, green and blue beside grey, for chroma from -0.5 to 0.5 */
  const rgb = (u, v) => {
    const [r, b] = [2 * (1 - from.red) * v, 2 * (1 - from.blue) * u];
    return [r, -(from.red * r + from.blue * b) / (1 - from.red - from.blue), b];
  };
  /** @param {number[]} color */
  const yuv = ([r = 0, g = 0, b = 0]) => {
    const y = to.red * r + (1 - to.red - to.blue) * g + to.blue * b;
    return [y, (b - y) / (2 * (1 - to.blue)), (r - y) / (2 * (1 - to.red))];
  };
  const [[yu = 0, uu = 0, vu = 0], [yv = 0, uv = 0, vv = 0]] = [yuv(rgb(1, 0)), yuv(rgb(0, 1))];
  // Luma has 219 steps, chroma 224.
  return { yu: (yu * 219) / 224, yv: (yv * 219) / 224, uu, uv, vu, vv };
}

const { yu, yv, uu, uv, vu, vv } = between(BT601, BT709);

/**
 * Turns a picture of BT.601 into the program's BT.709, in place. Without a GPU Chromium captures by the older matrix and names the newer
 * one: a brand's red would come out as another red.
 * @param {Uint8ClampedArray} data I420 @param {number} width @param {number} height
 */
export function toBt709(data, width, height) {
  const [across, down] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const u = width * height;
  const v = u + across * down;
  for (let row = 0; row < down; row++) {
    const lines = Math.min(2, height - 2 * row);
    for (let column = 0; column < across; column++) {
      const at = row * across + column;
      const [cu, cv] = [(data[u + at] ?? 128) - 128, (data[v + at] ?? 128) - 128];
      if (cu === 0 && cv === 0) continue;
      data[u + at] = 128 + uu * cu + uv * cv;
      data[v + at] = 128 + vu * cu + vv * cv;
      const more = yu * cu + yv * cv;
      const pixels = Math.min(2, width - 2 * column);
      for (let line = 0; line < lines; line++) {
        const first = (2 * row + line) * width + 2 * column;
        for (let pixel = first; pixel < first + pixels; pixel++) data[pixel] = (data[pixel] ?? 0) + more;
      }
    }
  }
}

/**
 * Which matrix a picture of pure red was made by; null when it is not red.
 * @param {Uint8Array | Uint8ClampedArray} data its luma first
 * @returns {'bt601' | 'bt709' | null}
 */
export function matrixOfRed(data) {
  const luma = data[0] ?? 0;
  if (Math.abs(luma - 81.5) <= 3) return 'bt601';
  return Math.abs(luma - 62.6) <= 3 ? 'bt709' : null;
}
