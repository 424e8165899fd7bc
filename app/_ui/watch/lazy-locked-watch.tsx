'use client';

import dynamic from 'next/dynamic';

/** The gate in a file of its own: the pages of open shows, nearly all, do not carry it. */
export const LockedWatch = dynamic(() => import('./locked-watch.tsx').then((module) => module.LockedWatch));
