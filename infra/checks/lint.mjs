// `npm run lint`: types, Biome and the import rules, each with a guard that it really looked at the files.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';

/** Fewer modules than this means that the linter did not see the sources. Raise it as the project grows. */
const MODULE_FLOOR = 400;
const PLANTED = 'app/_core/shared/planted-wrong-import.ts';
let failed = 0;

step('types', () => run('node_modules/typescript-native/bin/tsc', ['-p', '.', '--noEmit']));
step('types of the player core, without DOM', () =>
  run('node_modules/typescript-native/bin/tsc', ['-p', 'player/src/core']),
);
step('biome', () => run('node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']));
step('import rules', () => {
  const seen = cruise();
  if (seen.modules < MODULE_FLOOR)
    throw new Error(`only ${seen.modules} modules were seen, expected at least ${MODULE_FLOOR}`);
  if (seen.violations.length > 0) throw new Error(seen.violations.join('\n'));
  console.log(`    ${seen.modules} modules, no wrong import`);
});
step('a planted wrong import is caught', () => {
  writeFileSync(
    PLANTED,
    "import { readFileSync } from 'node:fs';\nimport { env } from '#wiring/env';\nexport const planted = [readFileSync, env];\n",
  );
  try {
    const { violations } = cruise();
    const caught = violations.filter(
      (line) => line.includes('planted-wrong-import') && line.includes('core-imports-core-and-zod'),
    );
    if (caught.length < 2) throw new Error(`${caught.length} of 2 planted imports were caught`);
  } finally {
    rmSync(PLANTED);
  }
});
process.exit(failed === 0 ? 0 : 1);

function step(name, work) {
  try {
    work();
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n${error.message}`);
  }
}

function run(script, args) {
  const done = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (done.status !== 0) throw new Error(`${done.stdout}${done.stderr}`.slice(-20_000));
}

function cruise() {
  mkdirSync('app', { recursive: true });
  const bin = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
  const done = spawnSync(
    process.execPath,
    [bin, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'app', 'workers', 'player', 'infra'],
    {
      encoding: 'utf8',
      maxBuffer: 256 << 20,
    },
  );
  if (!done.stdout) throw new Error(done.stderr);
  const { modules, summary } = JSON.parse(done.stdout);
  return {
    modules: modules.filter((each) => /^(app|workers|player|infra)\//.test(each.source)).length,
    violations: summary.violations.map((each) => `${each.rule.name}: ${each.from} → ${each.to}`),
  };
}
