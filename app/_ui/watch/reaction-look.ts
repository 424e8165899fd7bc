import { Flame, Frown, Hand, Heart, Laugh, type LucideIcon, PartyPopper, Sparkles, ThumbsUp } from 'lucide-react';
import type { ReactionKind } from '#realtime/contract';

/**
 * Icon and colour of each reaction. The lightness is the place's own (`--reaction-l`): dark on a light page, light on a dark one and on
 * the picture. Red stays for what is on air.
 */
export const REACTION_LOOK: Record<ReactionKind, { icon: LucideIcon; colour: string }> = {
  like: { icon: ThumbsUp, colour: 'oklch(var(--reaction-l) 0.13 235)' },
  love: { icon: Heart, colour: 'oklch(var(--reaction-l) 0.19 350)' },
  fire: { icon: Flame, colour: 'oklch(var(--reaction-l) 0.17 55)' },
  clap: { icon: Hand, colour: 'oklch(var(--reaction-l) 0.14 90)' },
  wow: { icon: Sparkles, colour: 'oklch(var(--reaction-l) 0.13 295)' },
  laugh: { icon: Laugh, colour: 'oklch(var(--reaction-l) 0.15 95)' },
  sad: { icon: Frown, colour: 'oklch(var(--reaction-l) 0.08 250)' },
  party: { icon: PartyPopper, colour: 'oklch(var(--reaction-l) 0.15 155)' },
};

export const REACTION_KINDS = Object.keys(REACTION_LOOK) as ReactionKind[];
