import { Flame, Frown, Hand, Heart, Laugh, type LucideIcon, PartyPopper, Sparkles, ThumbsUp } from 'lucide-react';
import type { ReactionKind } from '#realtime/contract';

/** Icon and colour of each reaction; colours read on the picture and on both themes. Red stays for what is on air. */
export const REACTION_LOOK: Record<ReactionKind, { icon: LucideIcon; colour: string }> = {
  like: { icon: ThumbsUp, colour: 'oklch(0.70 0.13 235)' },
  love: { icon: Heart, colour: 'oklch(0.70 0.19 350)' },
  fire: { icon: Flame, colour: 'oklch(0.74 0.17 55)' },
  clap: { icon: Hand, colour: 'oklch(0.80 0.14 90)' },
  wow: { icon: Sparkles, colour: 'oklch(0.76 0.13 295)' },
  laugh: { icon: Laugh, colour: 'oklch(0.82 0.15 95)' },
  sad: { icon: Frown, colour: 'oklch(0.74 0.08 250)' },
  party: { icon: PartyPopper, colour: 'oklch(0.78 0.15 155)' },
};

export const REACTION_KINDS = Object.keys(REACTION_LOOK) as ReactionKind[];
