/**
 * Fills `${NAME}` in a template. A line with `${?NAME}` is left out when NAME has no value; comment lines stay as they are.
 * In YAML a text stands in double quotes in the template, and a value is escaped for them.
 */
export function fillTemplate(template: string, values: Record<string, string>, kind: 'yaml' | 'lines'): Filled {
  const problems: string[] = [];
  const lines = template.split('\n').flatMap((line) => {
    if (/^\s*#/.test(line)) return [line];
    const optional = [...line.matchAll(/\$\{\?([A-Z0-9_]+)\}/g)].map((match) => match[1] ?? '');
    if (optional.some((name) => !values[name])) return [];
    return [
      line.replace(/\$\{\??([A-Z0-9_]+)\}/g, (_, name: string) => {
        const value = values[name];
        if (value === undefined || value === '') problems.push(`${name} is missing`);
        else if (/[\r\n\0]/.test(value)) problems.push(`${name} must be one line`);
        return kind === 'yaml' ? JSON.stringify(value ?? '').slice(1, -1) : (value ?? '');
      }),
    ];
  });
  return { text: lines.join('\n'), problems: [...new Set(problems)] };
}

export type Filled = { text: string; problems: string[] };

/** Names a template asks for. */
export function namesIn(template: string): string[] {
  const lines = template.split('\n').filter((line) => !/^\s*#/.test(line));
  return [
    ...new Set(lines.flatMap((line) => [...line.matchAll(/\$\{\??([A-Z0-9_]+)\}/g)].map((match) => match[1] ?? ''))),
  ];
}
