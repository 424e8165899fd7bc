import { expect, test } from 'vitest';
import { IngestSettingsChange, readIngestSettings, USUAL_INGEST_SETTINGS } from './ingest-settings.ts';

test('what was never chosen, and what a store holds in error, is as usual', () => {
  expect(readIngestSettings(null)).toEqual(USUAL_INGEST_SETTINGS);
  expect(readIngestSettings({ secondEncoder: 'both', gone: 1 })).toEqual(USUAL_INGEST_SETTINGS);
  expect(readIngestSettings({ secondEncoder: 'refuse' })).toMatchObject({ secondEncoder: 'refuse' });
});

test('a change may name some settings, and none that do not exist', () => {
  expect(IngestSettingsChange.parse({})).toEqual({});
  expect(IngestSettingsChange.safeParse({ secondEncoder: 'perhaps' }).success).toBe(false);
  expect(IngestSettingsChange.safeParse({ other: true }).success).toBe(false);
});
