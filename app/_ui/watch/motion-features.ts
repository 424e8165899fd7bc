import { domAnimation } from 'framer-motion';

/** Loaded when the first reaction may rise. */
export default domAnimation;
