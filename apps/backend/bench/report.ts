import type { Share } from './profile.ts';
import type { Standing } from './rounds.ts';

/** A figure that has a goal. */
export interface Goal {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  readonly goal: number;
  /** Whether the value should be at least or at most the goal. */
  readonly bound: 'least' | 'most';
}

export interface ScenarioResult {
  readonly title: string;
  readonly request: string;
  readonly baseline: string;
  readonly standings: readonly Standing[];
  readonly goals: readonly Goal[];
  /** Where Plinth's time goes; only looked at when a goal was missed. */
  readonly profile?: readonly Share[];
}

export interface BenchResult {
  readonly at: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly conditions: readonly string[];
  readonly scenarios: readonly ScenarioResult[];
  readonly facts: readonly Goal[];
}

export const isMet = ({ value, goal, bound }: Goal): boolean =>
  bound === 'least' ? value >= goal : value <= goal;

const figure = (value: number, unit: string): string => {
  const digits = unit === '' || unit === '×' || unit === 's' ? 2 : unit === 'kB' || unit === 'MB' ? 1 : 0;
  return `${value.toFixed(digits)}${unit === '×' ? '×' : unit && ` ${unit}`}`;
};

function verdict(goal: Goal): string {
  const sign = goal.bound === 'least' ? '≥' : '≤';
  const wanted = `goal ${sign} ${figure(goal.goal, goal.unit)}`;
  if (isMet(goal)) return `${wanted}, met`;
  return `${wanted}, MISSED by ${figure(Math.abs(goal.value - goal.goal), goal.unit)}`;
}

const goalLine = (goal: Goal): string =>
  `    ${goal.what.padEnd(44)} ${figure(goal.value, goal.unit).padStart(10)}   ${verdict(goal)}`;

const row = (cells: readonly string[]): string =>
  `    ${cells.map((cell, index) => (index === 0 ? cell.padEnd(18) : cell.padStart(12))).join('')}`;

const LARGEST = 8;
const percent = ({ of, share }: Share): string => `${of} ${Math.round(share * 100)} %`;

function scenarioLines({ title, request, baseline, standings, goals, profile }: ScenarioResult): string[] {
  return [
    '',
    `  ${title}   ${request}`,
    row(['server', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs/req', 'ratio']),
    ...standings.map(({ name, perSecond, p50, p99, cpuMicros, ratio }) =>
      row([
        name,
        Math.round(perSecond).toLocaleString('en'),
        p50.toFixed(2),
        p99.toFixed(2),
        cpuMicros === undefined ? '–' : cpuMicros.toFixed(1),
        name === baseline ? '1.00' : ratio.toFixed(2),
      ]),
    ),
    ...goals.map(goalLine),
    ...(profile ? [`    Plinth's time: ${profile.slice(0, LARGEST).map(percent).join(', ')}`] : []),
  ];
}

/** The result as people read it. */
export function toTable({ machine, conditions, scenarios, facts }: BenchResult): string {
  const goals = [...scenarios.flatMap((scenario) => scenario.goals), ...facts];
  const missed = goals.filter((goal) => !isMet(goal));
  return [
    `Plinth benchmark   ${Object.values(machine).join(' · ')}`,
    ...conditions.map((line) => `  ${line}`),
    ...scenarios.flatMap(scenarioLines),
    '',
    '  Built product',
    ...facts.map(goalLine),
    '',
    `  ${goals.length - missed.length} goals met, ${missed.length} missed`,
  ].join('\n');
}
