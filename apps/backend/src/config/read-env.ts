import type { z } from 'zod';
import { ConfigurationError, type Finding } from './configuration-error.ts';
import { productionFindings } from './production-rules.ts';
import { type Env, type Variable, type VariableName, variables } from './variables.ts';

type RawEnv = Readonly<Record<string, string | undefined>>;

const DEFAULT_REMEDY = 'See .env.example for what it means and how it is written.';

function readVariable(name: string, definition: Variable, raw: RawEnv, nodeEnv: string) {
  const { schema, fallback, optional, remedy = DEFAULT_REMEDY } = definition;
  const given = raw[name] === '' ? undefined : raw[name];
  const value = given ?? (typeof fallback === 'function' ? fallback(nodeEnv) : fallback);
  if (value === undefined) {
    return optional ? {} : { finding: { variable: name, problem: 'is not set', remedy } };
  }
  const result: z.ZodSafeParseResult<unknown> = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const problem = result.error.issues.map(({ message }) => lowerFirst(message)).join('; ');
  return { finding: { variable: name, problem, remedy } };
}

const lowerFirst = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1);

/** Rules over several variables. They see what could be read, so that all faults are reported together. */
function crossCheck(env: Partial<Env>): Finding[] {
  const findings: Finding[] = [];
  const check = (holds: boolean, variable: VariableName, problem: string, remedy: string) => {
    if (!holds) findings.push({ variable, problem, remedy });
  };
  if (env.JWT_SECRET && env.JWT_REFRESH_SECRET) {
    check(
      env.JWT_SECRET !== env.JWT_REFRESH_SECRET,
      'JWT_REFRESH_SECRET',
      'is the same as JWT_SECRET',
      'Give each kind of token its own secret: a leaked one must not open the other.',
    );
  }
  check(
    env.OUTBOX_RELAY !== 'worker' || env.REDIS_URL !== undefined,
    'OUTBOX_RELAY',
    'is "worker", but there is no Redis through which a worker could reach the sockets',
    'Set REDIS_URL, or use "auto".',
  );
  if (env.NODE_ENV !== 'production') return findings;
  findings.push(...productionFindings(env));
  return findings;
}

/**
 * Reads and checks every variable.
 * @throws ConfigurationError naming all faults at once
 */
export function readEnv(raw: RawEnv): Env {
  const nodeEnv = raw.NODE_ENV || 'development';
  const findings: Finding[] = [];
  const env: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries<Variable>(variables)) {
    const { value, finding } = readVariable(name, definition, raw, nodeEnv);
    if (finding) findings.push(finding);
    else env[name] = value;
  }
  findings.push(...crossCheck(env as Partial<Env>));
  if (findings.length > 0) throw new ConfigurationError(findings);
  return env as Env;
}
