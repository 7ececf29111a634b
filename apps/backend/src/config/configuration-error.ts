/** Something wrong with the configuration, and what to do about it. */
export interface Finding {
  readonly variable: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Thrown at start with everything that is wrong, so that one look is enough. */
export class ConfigurationError extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const lines = findings.map(
      ({ variable, problem, remedy }) => `  ${variable} ${problem}.\n    → ${remedy}`,
    );
    super(
      `The configuration has ${findings.length === 1 ? 'a fault' : `${findings.length} faults`}:\n${lines.join('\n')}`,
    );
    this.name = 'ConfigurationError';
    this.findings = findings;
  }
}
