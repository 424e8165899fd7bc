/** y = slope · x + offset. */
export type LineFit = { slope: number; offset: number };

/** The line of least squares through points; with one x only, a flat one through their mean. */
export function fitLine(points: readonly { x: number; y: number }[]): LineFit {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const slope = spread === 0 ? 0 : points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
  return { slope, offset: y - slope * x };
}
