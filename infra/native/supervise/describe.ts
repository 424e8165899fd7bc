import type { PartStatus } from './part.ts';

/** Lines for what changed between two looks at the parts: starts, crashes, crash loops. */
export function describeChange(before: Record<string, PartStatus>, now: Record<string, PartStatus>): string[] {
  return Object.entries(now).flatMap(([name, status]) => {
    const was = before[name]?.state;
    if (was === status.state) return [];
    const took = status.readyAfterMs === null ? '' : `  ${(status.readyAfterMs / 1000).toFixed(1)} s`;
    const again = status.restarts > 0 ? ' again' : '';
    if (status.state === 'ready') return [`  ok ${name}${again}${took}`];
    if (status.state === 'done') return [`  ok ${name}`];
    if (status.state === 'restarting')
      return [`  !! ${name} ${status.lastEnd}; it is started again (log: ${status.log})`];
    if (status.state === 'crash-looping') {
      return [`  !! ${name} is crash-looping: ${status.lastEnd}; tried again every 30 s (log: ${status.log})`];
    }
    return [];
  });
}

/** One word and a reason for the table. */
export function describeState(status: PartStatus): string {
  if (status.state === 'ready' || status.state === 'done') {
    return status.restarts > 0
      ? `${status.state}, restarted ${status.restarts} times (${status.lastEnd})`
      : status.state;
  }
  return status.lastEnd ? `${status.state.toUpperCase()}: ${status.lastEnd}` : status.state;
}
