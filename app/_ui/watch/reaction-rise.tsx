'use client';

import { LazyMotion, useReducedMotion } from 'framer-motion';
import * as m from 'framer-motion/m';
import { useEffect, useRef, useState } from 'react';
import type { ReactionKind } from '#realtime/contract';
import type { ChannelClient } from './channel-client.ts';
import { REACTION_KINDS, REACTION_LOOK } from './reaction-look.ts';

const loadFeatures = () => import('./motion-features.ts').then((features) => features.default);

const RISE_S = 2;
/** More at once would be a curtain before the picture, and cost frames. */
const MOST_ON_SCREEN = 24;
/** Of one kind in one burst; the number stands in the bar. */
const MOST_PER_BURST = 6;

type Rising = { id: number; kind: ReactionKind; leftPercent: number; delayS: number };

/** Reactions rise over the picture: from the bottom, between 20 and 80 % of the width, growing and fading. Nothing with reduced motion. */
export default function ReactionRise({ client }: { client: ChannelClient }) {
  const isStill = useReducedMotion();
  const [rising, setRising] = useState<readonly Rising[]>([]);
  const made = useRef(0);

  useEffect(() => {
    if (isStill) return;
    return client.onBurst((counts) => {
      // A tab that nobody sees would collect them.
      if (document.hidden) return;
      const fresh = REACTION_KINDS.flatMap((kind) =>
        Array.from({ length: Math.min(counts[kind] ?? 0, MOST_PER_BURST) }, (_, i): Rising => {
          made.current += 1;
          return { id: made.current, kind, leftPercent: 20 + Math.random() * 60, delayS: i * 0.06 };
        }),
      );
      setRising((before) => [...before, ...fresh].slice(-MOST_ON_SCREEN));
    });
  }, [client, isStill]);

  const drop = (id: number) => setRising((before) => before.filter((one) => one.id !== id));
  return (
    <LazyMotion features={loadFeatures} strict>
      <div aria-hidden className="pointer-events-none absolute inset-0 overflow-hidden [--reaction-l:0.8]">
        {rising.map(({ id, kind, leftPercent, delayS }) => {
          const { icon: Icon, colour } = REACTION_LOOK[kind];
          return (
            <m.span
              key={id}
              initial={{ opacity: 0, y: 0, scale: 0.8 }}
              animate={{ opacity: [0, 1, 1, 0], y: -220, scale: 1.5 }}
              transition={{ duration: RISE_S, delay: delayS, ease: 'easeOut' }}
              onAnimationComplete={() => drop(id)}
              className="absolute bottom-10 drop-shadow"
              style={{ left: `${leftPercent}%`, color: colour }}
            >
              <Icon className="size-7" strokeWidth={2} fill="currentColor" fillOpacity={0.35} />
            </m.span>
          );
        })}
      </div>
    </LazyMotion>
  );
}
