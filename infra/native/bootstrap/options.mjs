import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StepError } from './step-error.mjs';

/** Ports of one install lie in this many numbers from its base (docs: infra/native/settings/ports.ts). */
const BLOCK = 250;

export const HELP = {
  start: `npm start -- [--detach] [--home DIR] [--port N] [--json]

Builds what is missing, starts Openair on this machine and prints its addresses.
  --detach     return as soon as everything is healthy; npm stop ends it
  --home DIR   where this install keeps its data, secrets, logs (default .openair)
  --port N     first port of its block of ${BLOCK} (default 8800, or the one this home had before)
  --json       the closing table as JSON on standard output, progress on standard error
Without --detach it runs until Ctrl-C.`,
  stop: `npm stop -- [--home DIR]

Ends the install of that home (default .openair) and waits until no process of it is left.`,
  doctor: `npm run doctor -- [--home DIR] [--json]

Checks each part of a running install, gives a fix for each red line, and ends with a ten-second test broadcast.`,
  test: `npm test -- [--home DIR] [--port N] [--only unit,stack,e2e]

Runs unit tests, then starts an install of its own (default .openair-test) and runs the tests against it, then stops it.`,
  run: `node infra/native/run.mjs FILE [arguments]

Starts or reuses the install of OPENAIR_TEST_HOME (default .openair) and runs a TypeScript file against it.`,
};

const OPTIONS = {
  start: { detach: 'boolean', home: 'string', port: 'string', json: 'boolean', supervise: 'boolean' },
  stop: { home: 'string', json: 'boolean' },
  doctor: { home: 'string', json: 'boolean' },
  test: { home: 'string', port: 'string', only: 'string' },
};

/**
 * @param {'start' | 'stop' | 'doctor' | 'test'} command
 * @param {string[]} args
 * @param {{ repo: string, home: string }} defaults `home` relative to the repository
 * @returns {{ help: boolean, home: string, port: number | null, detach: boolean, json: boolean, supervise: boolean, only: string[] | null }}
 * @throws {StepError} a sentence for each unknown option or wrong value
 */
export function readOptions(command, args, defaults) {
  const names = { ...OPTIONS[command], help: 'boolean' };
  const { tokens } = parseArgs({ args, options: typed(names), strict: false, allowPositionals: true, tokens: true });
  const given = {};
  const problems = [];
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`"${token.value}" is not expected here.`);
    if (token.kind !== 'option') continue;
    const kind = names[token.name];
    if (!kind) problems.push(`${token.rawName} is not an option of this command.`);
    else if (kind === 'string' && !token.value) problems.push(`${token.rawName} needs a value.`);
    else if (kind === 'boolean' && token.value !== undefined) problems.push(`${token.rawName} takes no value.`);
    else given[token.name] = token.value ?? true;
  }
  const port = given.port === undefined ? null : Number(given.port);
  if (port !== null && !(Number.isInteger(port) && port >= 1024 && port <= 65_535 - BLOCK)) {
    problems.push(`--port must be a whole number from 1024 to ${65_535 - BLOCK}, it was "${given.port}".`);
  }
  if (problems.length > 0) throw new StepError(`${problems.join('\n')}\n\n${HELP[command]}`);
  return {
    help: given.help === true,
    home: resolve(defaults.repo, given.home ?? defaults.home),
    port,
    detach: given.detach === true,
    json: given.json === true,
    supervise: given.supervise === true,
    only: given.only ? String(given.only).split(',') : null,
  };
}

function typed(names) {
  return Object.fromEntries(Object.entries(names).map(([name, type]) => [name, { type }]));
}
