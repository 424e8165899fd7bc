import { Skeleton } from '../../_ui/primitives/skeleton.tsx';

/** The page's bones in their final sizes. */
export default function Loading() {
  return (
    <main id="main" className="mx-auto flex max-w-[1440px] flex-col gap-4 px-4 py-6 sm:px-6" aria-busy="true">
      <Skeleton className="h-7 w-32" />
      <div className="grid gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Skeleton className="aspect-video rounded-video!" />
        <Skeleton className="aspect-video rounded-video! max-lg:hidden" />
      </div>
    </main>
  );
}
