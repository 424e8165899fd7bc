/** Entry of the engine's own file: hls.js, as small-hls.mjs builds it. */
export { default } from 'hls.js';
