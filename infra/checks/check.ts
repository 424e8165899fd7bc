/** `npm run check`: budgets and lists that must stay true. Each check fails when it saw fewer files than its floor. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { filesForPages } from '../../player/build.mjs';
import { weighPlayer } from './player-weight.ts';

const MAX_LINES = 400;
const SOURCE_FLOOR = 400;
const PORT_METHODS = 5;

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));
const source = tracked.filter((file) => /^((app|workers|player|infra)\/.*|proxy)\.(ts|tsx|mjs|css)$/.test(file));
const code = source.filter(
  (file) => !/(\.(test|contract)\.tsx?$|\/(fixtures|testing)\/)/.test(file) && !file.startsWith('infra/e2e/'),
);
let failed = 0;

check('the checks saw the sources', () =>
  code.length < SOURCE_FLOOR ? [`only ${code.length} files, expected at least ${SOURCE_FLOOR}`] : [],
);
check(`no file over ${MAX_LINES} lines`, () => {
  const sizes = source.map((file) => ({ file, lines: linesOf(file) })).sort((a, b) => b.lines - a.lines);
  console.log(
    sizes
      .slice(0, 10)
      .map(({ file, lines }) => `       ${String(lines).padStart(4)} ${file}`)
      .join('\n'),
  );
  return sizes.filter(({ lines }) => lines > MAX_LINES).map(({ file, lines }) => `${file}: ${lines} lines`);
});
check('no file is named after nothing', () =>
  code.filter((file) => /\/(utils?|helpers?|types|misc|common)\.tsx?$/.test(file)),
);
check('the environment is read in one place a process', () =>
  code.filter(
    (file) =>
      /\.(ts|tsx)$/.test(file) &&
      !/^(app\/_wiring\/env\.ts|workers\/(egress|ingest)\/(config|.*\/config)\.ts|infra\/)/.test(file) &&
      /process\.env\b/.test(read(file)),
  ),
);
check('the domain reads no clock, no timer, no random', () =>
  code.filter(
    (file) =>
      file.startsWith('app/_core/') &&
      /\b(Date\.now\(|new Date\(\)|Math\.random\(|set(Timeout|Interval)\()/.test(read(file)),
  ),
);
check(`a port has at most ${PORT_METHODS} methods`, () => {
  const over: string[] = [];
  for (const file of code.filter((each) => each.startsWith('app/_core/'))) {
    for (const match of read(file).matchAll(/export type (\w+) = \{\n([^}]*)\n\};/g)) {
      const methods = (match[2] ?? '').match(/^ {2}\w+\([^\n]*\): Promise</gm)?.length ?? 0;
      if (methods > PORT_METHODS) over.push(`${file}: ${match[1]} has ${methods}`);
    }
  }
  return over;
});
check('every path that the documents name exists', () => {
  const missing: string[] = [];
  for (const doc of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'].filter((file) => existsSync(file))) {
    for (const match of read(doc).matchAll(/`((?:app|workers|player|infra|docs)\/[\w./()[\]-]*)`/g)) {
      const path = (match[1] ?? '').replace(/\/$/, '');
      if (!existsSync(path)) missing.push(`${doc}: ${path}`);
    }
  }
  return missing;
});
check('documents keep to their length', () => {
  const over: string[] = [];
  for (const [file, limit] of [
    ['ARCHITECTURE.md', 1_500],
    ['CONTRIBUTING.md', 700],
  ] as const) {
    const words = existsSync(file) ? read(file).split(/\s+/).length : 0;
    if (words > limit) over.push(`${file}: ${words} words, at most ${limit}`);
  }
  return over;
});
const playerFiles = await filesForPages();
check('the player keeps to its weight, made as pages get it', () => weighPlayer(playerFiles));
check('a player that is too heavy is caught', () => {
  const silent = console.log;
  console.log = () => {};
  const noise = randomBytes(400_000).toString('base64');
  const found = weighPlayer(playerFiles.map((file) => ({ ...file, text: file.text + noise })));
  console.log = silent;
  return found.length > 5 ? [] : [`only ${found.length} of 6 planted problems were found`];
});

const commentShare = code.map(read).join('\n').split('\n');
const comments = commentShare.filter((line) => /^\s*(\/\/|\*|\/\*)/.test(line)).length;
const testLines = source.filter((file) => !code.includes(file)).reduce((sum, file) => sum + linesOf(file), 0);
console.log(
  `     ${code.length} files, ${commentShare.length} lines, ${Math.round((100 * comments) / commentShare.length)} % comments, ${(testLines / commentShare.length).toFixed(2)} test lines a source line`,
);
process.exit(failed === 0 ? 0 : 1);

function check(name: string, work: () => string[]): void {
  const problems = work();
  if (problems.length > 0) failed += 1;
  console.log(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}${problems.map((each) => `\n       ${each}`).join('')}`,
  );
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

function linesOf(file: string): number {
  return read(file).split('\n').length - 1;
}
