import { watchRun } from './watch-run.ts';

/**
 * Judges a running show, or a recording, by the rules of HLS.
 * node --import tsx infra/checks/hls/validate.ts URL [SECONDS]
 */
const [url, seconds = '30'] = process.argv.slice(2);
if (!url) {
  console.error('Which show? Give the address of its index.m3u8.');
  process.exit(2);
}
const { faults, ...looked } = await watchRun(url, { seconds: Number(seconds) });
for (const fault of faults) console.log(fault);
console.log(`${faults.length === 0 ? 'No fault' : `${faults.length} faults`}: ${JSON.stringify(looked)}`);
process.exit(faults.length === 0 && looked.versions > 0 ? 0 : 1);
