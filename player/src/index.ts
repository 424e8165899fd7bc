export type { ExtraCommand, PlayerCommand } from './core/keymap.ts';
export type { Phase, PlayerStatus, Quality } from './core/phase.ts';
export type { SeatProblem, SeatStatus } from './core/seat.ts';
export { definePlayer } from './define.ts';
export { OpenairPlayerElement } from './element/openair-player.ts';
