import { OpenairPlayerElement } from './element/openair-player.ts';

/** Registers `<openair-player>` once; safe to call where two copies of the script are loaded. */
export function definePlayer(): void {
  if (!customElements.get('openair-player')) customElements.define('openair-player', OpenairPlayerElement);
}
