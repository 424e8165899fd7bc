'use client';

import { useEffect, useRef } from 'react';
import { cn } from '../cn.ts';
import {
  litSegments,
  METER_FLOOR_DB,
  METER_MARK_DB,
  METER_SEGMENTS,
  nextPeak,
  shareOf,
  zoneOf,
} from './meter-scale.ts';

const SEGMENTS = Array.from({ length: METER_SEGMENTS }, (_, index) => ({ index, zone: zoneOf(index) }));
const ANNOUNCE_MS = 500;

const zoneLook = {
  good: 'data-lit:bg-good-dot',
  loud: 'data-lit:bg-warn-dot',
  clip: 'data-lit:bg-warn data-lit:ring-1 data-lit:ring-warn-dot',
};

/**
 * Sound level in 24 segments with peak hold and a mark at -9 dB.
 * @param read gives the level in dBFS, or null without a signal; it is asked once a frame and must not allocate
 */
export function LevelMeter({ label, read, className }: { label: string; read(): number | null; className?: string }) {
  const bar = useRef<HTMLDivElement>(null);
  const latest = useRef(read);
  latest.current = read;

  useEffect(() => {
    const element = bar.current;
    if (!element) return;
    const segments = [...element.querySelectorAll<HTMLElement>('[data-segment]')];
    let peak = { db: METER_FLOOR_DB, atMs: 0 };
    let announcedMs = 0;
    let frame = 0;
    const draw = (nowMs: number) => {
      const db = latest.current() ?? Number.NEGATIVE_INFINITY;
      peak = nextPeak(peak, Math.max(db, METER_FLOOR_DB), nowMs);
      const lit = litSegments(db);
      const held = litSegments(peak.db) - 1;
      // Straight to the DOM: sixty React renders a second would cost more than the camera.
      segments.forEach((segment, index) => {
        segment.toggleAttribute('data-lit', index < lit || index === held);
      });
      if (nowMs - announcedMs > ANNOUNCE_MS) {
        announcedMs = nowMs;
        element.setAttribute('aria-valuenow', String(Math.round(Math.max(db, METER_FLOOR_DB))));
      }
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, []);

  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> cannot hold the segments
    <div
      ref={bar}
      role="meter"
      aria-label={label}
      aria-valuemin={METER_FLOOR_DB}
      aria-valuemax={0}
      aria-valuenow={METER_FLOOR_DB}
      className={cn('relative flex h-3 w-full gap-px', className)}
    >
      {SEGMENTS.map(({ index, zone }) => (
        <span key={index} data-segment className={cn('h-full flex-1 rounded-[1px] bg-line', zoneLook[zone])} />
      ))}
      <span
        aria-hidden
        className="absolute -inset-y-0.5 w-px bg-ink/70"
        style={{ left: `${shareOf(METER_MARK_DB) * 100}%` }}
      />
    </div>
  );
}
