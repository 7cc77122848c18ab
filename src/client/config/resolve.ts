import { ConfigError } from "../errors.ts";
import { nearestName } from "./nearest-name.ts";
import type { Resolved, Setting, Settings } from "./setting.ts";

/**
 * The defaults of a table, and over them what was given.
 *
 * @param owner Whose settings these are, as in "a setting of a producer".
 * @throws ConfigError naming the first setting that is wrong.
 */
export function resolve<Config extends object, Optional extends keyof Config>(
  owner: string,
  config: Config,
  settings: Settings<Config, Optional>,
): Resolved<Config, Optional> {
  check(owner, config, settings);
  const rows = Object.entries<Setting>(settings);
  const defaults = rows.map(([name, row]) => [name, row.default]);
  return given(Object.fromEntries([...defaults, ...Object.entries(given(config))]));
}

/** The settings that are there: undefined counts as absent. */
export function given<T extends object>(config: T): T {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as T;
}

function check(owner: string, config: object, settings: { readonly [name: string]: Setting }): void {
  if (typeof config !== "object" || config === null)
    throw new ConfigError(`The settings of ${owner} must be an object`);
  for (const [name, value] of Object.entries(config)) {
    const row = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (row === undefined) {
      const nearest = nearestName(name, Object.keys(settings));
      const hint = nearest === null ? "" : `: did you mean ${nearest}?`;
      throw new ConfigError(`${name} is not a setting of ${owner}${hint}`);
    }
    const problem = value === undefined ? null : problemOf(name, row, value);
    if (problem !== null) throw new ConfigError(problem);
  }
}

/** What is wrong with a setting's value, as a sentence that begins with `name`; null when nothing is. */
export function problemOf(name: string, { kind, secret }: Setting, value: unknown): string | null {
  const problem = kind.problem(value);
  return problem === null ? null : `${name} ${problem}${secret ? "" : `, and is ${shown(value)}`}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.slice(0, 60);
}
