import { cn } from '../cn.ts';

/** Holds the place of what is being loaded; give it the final size. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn('block animate-pulse rounded-control bg-raised dark:bg-hover', className)} />;
}
