/** How a configuration key of topics or brokers is described. */

import { type Release, releases } from "../releases.ts";

/** Numbers of Kafka's types, as DescribeConfigs has them. */
export const CONFIG_TYPES = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
} as const;

export type ConfigType = keyof typeof CONFIG_TYPES;

/** One configuration key. */
export interface ConfigDefinition {
  readonly name: string;
  readonly type: ConfigType;
  /** Null for none. */
  readonly defaultValue: string | null;
  /** For numbers. */
  readonly lowest?: number;
  readonly highest?: number;
  /** The values that there are; in a list, of each element. */
  readonly oneOf?: readonly string[];
  /** Key of the broker whose value is a topic's default. */
  readonly brokerName?: string;
  /** Default of that key, where it is another: one in other units counts then. */
  readonly brokerDefault?: null;
  /** The last of the releases of `releases.ts` that has it. Default: all have it. */
  readonly until?: Release;
  /** The first of those releases that has it. Default: all have it. */
  readonly since?: Release;
  /** Whether it can be changed while a broker runs. Default: true. */
  readonly isDynamic?: boolean;
}

/** Whether a release has the key. */
export function hasConfig({ since, until }: ConfigDefinition, release: Release): boolean {
  const order = releases.indexOf(release);
  const isOldEnough = until === undefined || order <= releases.indexOf(until);
  return isOldEnough && (since === undefined || order >= releases.indexOf(since));
}

const WHOLE_NUMBERS: readonly ConfigType[] = ["INT", "SHORT", "LONG"];

/** What is wrong with a value, in the words that follow "Invalid value … for configuration …"; null for nothing. */
export function problemWith(definition: ConfigDefinition, value: string): string | null {
  const { type, lowest, highest, oneOf } = definition;
  if (type === "BOOLEAN") {
    return /^(true|false)$/i.test(value.trim()) ? null : "Expected value to be either true or false";
  }
  if (WHOLE_NUMBERS.includes(type)) {
    if (!/^\s*[+-]?\d+\s*$/.test(value)) return `Not a number of type ${type}`;
    if (lowest !== undefined && Number(value) < lowest) return `Value must be at least ${lowest}`;
    if (highest !== undefined && Number(value) > highest) return `Value must be no more than ${highest}`;
    return null;
  }
  if (type === "DOUBLE") return Number.isNaN(Number(value)) ? `Not a number of type ${type}` : null;
  if (oneOf !== undefined) {
    const elements = type === "LIST" ? listOf(value) : [value];
    const strange = elements.find((element) => !oneOf.includes(element));
    if (strange !== undefined) return `String must be one of: ${oneOf.join(", ")}`;
  }
  return null;
}

/** The elements of a value of type LIST. */
export function listOf(value: string): string[] {
  return value.trim() === "" ? [] : value.split(",").map((element) => element.trim());
}
