/**
 * Time left as people read it: `4:59`, `1:02:03`, `2 d 03:04:05`; null when it is over. Whole seconds are rounded up, so that a countdown
 * ends when it shows zero.
 */
export function timeLeft(toMs: number, nowMs: number): string | null {
  const left = Math.ceil((toMs - nowMs) / 1000);
  if (!(left > 0)) return null;
  const two = (value: number) => String(value).padStart(2, '0');
  const days = Math.floor(left / 86_400);
  const hours = Math.floor((left % 86_400) / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  const seconds = two(left % 60);
  if (days > 0) return `${days} d ${two(hours)}:${two(minutes)}:${seconds}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}
