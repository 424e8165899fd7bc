/** Left: show and source. Middle: picture. Right: what viewers see and chat; below the others on narrower screens. */
export const STUDIO_GRID =
  'grid gap-4 lg:grid-rows-[auto_1fr_auto] xl:grid-rows-[auto_1fr] lg:grid-cols-[19rem_minmax(0,1fr)] xl:grid-cols-[19rem_minmax(0,1fr)_20rem] 2xl:grid-cols-[21rem_minmax(0,1fr)_23rem]';
