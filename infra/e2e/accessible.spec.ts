import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { type Shot, settle } from './shots/looks.ts';
import { livePages, quietPages, seeEncoder, seeText } from './shots/pages.ts';
import { talk } from './shots/talk.ts';
import { expect, type Stage, test } from './stage.ts';

/** Every page and dialog that has a picture in `npm run shots`, in both themes, by axe. */
const THEMES = ['dark', 'light'] as const;

async function expectAllAccessible(stage: Stage, page: Page, shots: readonly Shot[]): Promise<void> {
  for (const shot of shots) {
    await test.step(shot.name, async () => {
      await page.goto(`${stage.install.credentials.url}${shot.path}`);
      await shot.ready(page);
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme });
        await settle(page);
        const { violations } = await audit(page);
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
        expect.soft(found, `${shot.name}, ${colorScheme}`).toEqual([]);
      }
    });
  }
}
/** Guards that pass the focus on are hidden from readers on purpose; an open menu floats outside the landmarks and holds the focus. */
async function audit(page: Page): ReturnType<AxeBuilder['analyze']> {
  const builder = new AxeBuilder({ page }).exclude('[data-base-ui-focus-guard]');
  const hasMenu = (await page.getByRole('menu').count()) > 0;
  return (hasMenu ? builder.disableRules(['region']) : builder).analyze();
}
const [byStrangers, byTheTeam] = [
  (shots: Shot[]) => shots.filter(({ stranger }) => stranger),
  (shots: Shot[]) => shots.filter(({ stranger }) => !stranger),
];

test('axe finds nothing on any page or dialog, dark or light, before, during and after a show', async ({
  stage,
  page,
  browser,
}) => {
  test.setTimeout(300_000);
  await stage.signIn(page);
  const stranger = await (await browser.newContext()).newPage();
  const expectAll = async (shots: Shot[]) => {
    await expectAllAccessible(stage, stranger, byStrangers(shots));
    await expectAllAccessible(stage, page, byTheTeam(shots));
  };
  await expectAll(quietPages(stage.handle, 'Test channel'));
  const made = await stage.makeBroadcast('Noodles at midnight');
  const watch = new URL(made.watchUrl).pathname;
  await expectAll([{ name: 'watch-waiting', path: watch, stranger: true, ready: seeText(/not begun|starts here/i) }]);
  await stage.connectEncoder();
  await stage.start(made.id);
  await expectAll([{ name: 'studio-encoder-panel', path: `/studio/${stage.handle}`, ready: seeEncoder }]);
  const guests = await talk(stage.install, stage.handle);
  await expectAll(livePages(stage.handle, watch));
  for (const guest of guests) guest.disconnect();
  await stage.end(made.id);
  await expectAll([
    { name: 'watch-ended', path: watch, stranger: true, ready: seeText(/is its recording|being made/i) },
  ]);
});
