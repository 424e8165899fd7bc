import type { Page } from '@playwright/test';

/** The clock of the person's machine is a day ahead, for every script of the page. */
export async function setClockADayAhead(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const RealDate = Date;
    const DAY_MS = 86_400_000;
    window.Date = class extends RealDate {
      constructor(...args: []) {
        super(...(args.length > 0 ? args : ([RealDate.now() + DAY_MS] as unknown as [])));
      }
      static override now() {
        return RealDate.now() + DAY_MS;
      }
    } as DateConstructor;
  });
}
