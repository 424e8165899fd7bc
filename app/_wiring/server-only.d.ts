/** Next resolves it in its own build: importing it from a browser bundle fails. */
declare module 'server-only';
