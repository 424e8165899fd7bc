'use client';

import { useEffect, useState } from 'react';

/** The time in ms, renewed each second while `running`; 0 until the page is alive, so that server and browser agree. */
export function useNow(running = true): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    setNow(Date.now());
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
