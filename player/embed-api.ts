/** Entry of the script for pages that frame our player: `<script src="https://…/player/openair-embed-api.js"></script>` gives `OpenairEmbed`. */
import { OpenairEmbed } from './src/embed/remote.ts';

Object.assign(window, { OpenairEmbed });
