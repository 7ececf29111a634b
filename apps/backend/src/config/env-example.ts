/** `npm run config:example`: writes `.env.example` from the schema; `--check` only compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Variable, variables } from './variables.ts';

const path = new URL('../../.env.example', import.meta.url);

/** The text of `.env.example`. */
export function renderEnvExample(): string {
  const lines = [
    '# Every variable of the backend. Made from src/config/variables.ts by "npm run config:example".',
    '# A line in comments shows the value that is used when the variable is not set.',
  ];
  let section = '';
  for (const [name, definition] of Object.entries<Variable>(variables)) {
    if (definition.section !== section) {
      section = definition.section;
      lines.push('', `## ${section}`);
    }
    lines.push('', `# ${definition.doc}`);
    const { fallback } = definition;
    if (fallback === undefined) {
      if (definition.optional) lines.push(`#${name}=${definition.example ?? ''}`);
      else
        lines.push(`# Required. ${definition.remedy ?? ''}`.trimEnd(), `${name}=${definition.example ?? ''}`);
    } else if (typeof fallback === 'string') {
      lines.push(`#${name}=${fallback}`);
    } else {
      const [dev, prod] = [fallback('development'), fallback('production')];
      if (dev !== prod)
        lines.push(`# In production: ${prod ?? `required. ${definition.remedy ?? ''}`.trimEnd()}`);
      lines.push(`#${name}=${dev ?? ''}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Whether the committed file says what the schema says. */
export const envExampleIsCurrent = (): boolean => readFileSync(path, 'utf8') === renderEnvExample();

if (import.meta.main) {
  if (!process.argv.includes('--check')) writeFileSync(path, renderEnvExample());
  else if (!envExampleIsCurrent()) {
    console.error('apps/backend/.env.example is out of date. Run: npm run config:example');
    process.exitCode = 1;
  }
}
