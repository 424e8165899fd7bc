/** Entry of the one script tag that other people's pages load: `<script type="module" src="…/player/openair-player.js"></script>`. */
import { definePlayer } from './src/define.ts';
import { preloadEngine } from './src/hls/hls-engine.ts';

void preloadEngine().catch(() => {});
definePlayer();
