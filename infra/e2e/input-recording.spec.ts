import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from './stage.ts';

const run = promisify(execFile);

type Probe = {
  format: { duration: string };
  streams: { codec_name: string; width?: number; height?: number; nb_read_packets: string }[];
};

/** Reads a file as a stranger would, and decodes all of it. */
async function probe(file: string): Promise<Probe> {
  const { stderr } = await run('ffmpeg', ['-v', 'warning', '-i', file, '-f', 'null', '-']);
  expect(stderr, 'what ffmpeg finds wrong with the file').toBe('');
  const show = ['-count_packets', '-show_streams', '-show_format', '-of', 'json'];
  return JSON.parse((await run('ffprobe', ['-v', 'error', ...show, file])).stdout);
}

test('a host switches the recording of the encoder on, and downloads what it sent when it has ended', async ({
  stage,
  page,
}, testInfo) => {
  test.setTimeout(240_000);
  await stage.signIn(page);
  const open = async () => {
    await page.goto(`${stage.install.credentials.url}/studio/${stage.handle}`);
    await page.getByRole('tab', { name: /OBS or encoder/ }).click();
  };
  await open();
  const choice = page.getByRole('switch', { name: 'Record what the encoder sends' });
  const list = page.getByRole('list', { name: 'Recordings of the encoder' });
  await expect(choice).not.toBeChecked();
  await choice.click();
  await expect(choice).toBeChecked();
  await expect(choice).toBeEnabled();
  await open();
  await expect(choice, 'the choice is kept').toBeChecked();
  await expect(list).toBeHidden();

  const encoder = await stage.connectEncoder();
  await expect(page.getByText('Receiving your encoder')).toBeVisible({ timeout: 40_000 });
  const row = list.getByRole('listitem');
  await expect(row).toHaveCount(1, { timeout: 40_000 });
  // So long that more than one piece is in the file.
  await expect(row).toContainText(/0:(0[6-9]|[1-5]\d) · .* · Recording/, { timeout: 60_000 });
  await expect(row.getByRole('link')).toHaveCount(0);
  await encoder.stop();

  const link = row.getByRole('link', { name: /Download the recording of/ });
  await expect(link).toBeVisible({ timeout: 120_000 });
  await expect(row).toContainText('Ready');
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toMatch(new RegExp(`^${stage.handle}-input-.+\\.mp4$`));
  const file = testInfo.outputPath('input.mp4');
  await download.saveAs(file);
  const { format, streams } = await probe(file);
  expect(streams.map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);
  expect(streams[0]).toMatchObject({ width: 640, height: 360 });
  expect(Number(format.duration)).toBeGreaterThan(6);
  // Every picture of that time.
  expect(Number(streams[0]?.nb_read_packets)).toBeGreaterThan((Number(format.duration) - 0.5) * 30);

  await test.step('and deletes it', async () => {
    await row.getByRole('button', { name: /Delete the recording of/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(list).toBeHidden();
  });
});
