import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StepError } from '../step-error.ts';
import { fillTemplate } from './fill-template.ts';
import { findProblems } from './template-settings.ts';
import { writePrivate } from './write-private.ts';

/** The files a person edits; both ways of running Openair are made from these. */
export const TEMPLATES = ['livekit.yaml', 'egress.yaml', 'turnserver.conf', 'infra/caddy/Caddyfile'] as const;

/**
 * Fills all templates and writes them to `folder`, mode 600, under their own names.
 * @param problems already found in the settings; told together with the ones found here
 * @throws StepError that lists every problem, each naming its setting or file
 */
export function renderFiles(
  repo: string,
  folder: string,
  values: Record<string, string>,
  { development, problems = [] }: { development: boolean; problems?: string[] },
): void {
  const found = onePerSetting([...problems, ...findProblems(values, development)]);
  const files = TEMPLATES.map((template) => {
    const filled = fillTemplate(readFileSync(join(repo, template), 'utf8'), values, kindOf(template));
    const known = new Set(found.map((problem) => problem.split(' ')[0]));
    for (const problem of filled.problems) {
      if (!known.has(problem.split(' ')[0])) found.push(`${problem}; ${template} asks for it`);
    }
    return { name: basename(template), text: filled.text };
  });
  if (found.length > 0) throw new StepError(problemList(found));
  for (const file of files) writePrivate(join(folder, file.name), file.text);
}

/** Two parsers may refuse the same setting: the first sentence is enough. */
function onePerSetting(problems: string[]): string[] {
  const nameOf = (problem: string) => problem.split(' ')[0];
  return problems.filter((problem, at) => problems.findIndex((other) => nameOf(other) === nameOf(problem)) === at);
}

/** One sentence and a line a problem. */
export function problemList(problems: string[]): string {
  const unique = [...new Set(problems)];
  const head = unique.length === 1 ? 'One setting is wrong:' : `${unique.length} settings are wrong:`;
  return `${head}\n${unique.map((problem) => `  ${problem}`).join('\n')}\n.env.example explains each setting.`;
}

function kindOf(template: string): 'yaml' | 'lines' {
  return template.endsWith('.yaml') ? 'yaml' : 'lines';
}
