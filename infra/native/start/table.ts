import { join } from 'node:path';
import type { Install } from '../install.ts';
import { describeState } from '../supervise/describe.ts';
import type { PartStatus } from '../supervise/part.ts';
import type { FirstThings } from './first-things.ts';

/** What `npm start` ends with; `--json` prints it as it is. */
export type StartReport = {
  url: string;
  signInLink: string | null;
  demo: string | null;
  rtmp: string;
  whip: string;
  credentials: string;
  logs: string;
  supervisorPid: number;
  parts: Record<string, PartStatus>;
  problems: string[];
};

export function startReport(
  install: Install,
  first: FirstThings,
  supervisorPid: number,
  parts: Record<string, PartStatus>,
): StartReport {
  const { env, home } = install;
  return {
    url: env.OPENAIR_URL ?? '',
    signInLink: first.signInLink,
    demo: first.demoUrl,
    rtmp: env.OPENAIR_RTMP_URL ?? '',
    whip: env.OPENAIR_WHIP_URL ?? '',
    credentials: join(home, 'credentials.json'),
    logs: join(home, 'logs'),
    supervisorPid,
    parts,
    problems: first.problems,
  };
}

/** The one table a person needs. */
export function formatReport(report: StartReport): string {
  const rows: [string, string][] = [
    ['Open', report.url],
    ['Sign in', report.signInLink ?? 'e-mail and password: see Credentials'],
    ['Demo channel', report.demo ?? 'none'],
    ['OBS, RTMP', `${report.rtmp}   (each channel's stream key is in its studio)`],
    ['WHIP', `${report.whip}   (the stream key is the bearer token)`],
    ['Credentials', report.credentials],
    ['Logs', report.logs],
  ];
  const parts = Object.entries(report.parts);
  const bad = parts.filter(([, status]) => status.state !== 'ready' && status.state !== 'done');
  rows.push([
    'Processes',
    `${parts.length - bad.length} of ${parts.length} are well, watched by process ${report.supervisorPid}`,
  ]);
  for (const [name, status] of parts) {
    if (bad.some(([other]) => other === name) || status.restarts > 0) rows.push([`  ${name}`, describeState(status)]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  const problems = report.problems.map((problem) => `  !! ${problem}`);
  return ['', ...lines, ...problems, ''].join('\n');
}
