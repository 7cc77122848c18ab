/** The setting `partitionAssignmentStrategy`: how a classic group shares partitions. */

import type { Assignor, AssignorFactory } from "../../group/assignor.ts";
import { ASSIGNOR_NAMES, type BuiltInAssignor, wireNameOf } from "../../group/assignors/names.ts";
import type { Kind } from "../config/setting.ts";
import { ConfigError } from "../errors.ts";

/** An assignor of Kafka's own, or what makes one of your own: a new one for each consumer. */
export type AssignmentStrategy = BuiltInAssignor | AssignorFactory;

const EXAMPLES = ASSIGNOR_NAMES.slice(0, 4).map((name) => JSON.stringify(name));

/** A list of them, or in properties the names of Kafka's classes. */
export const strategies: Kind = {
  problem: (value) =>
    Array.isArray(value) && value.length > 0 && value.every(isStrategy)
      ? null
      : `must be a list of ${EXAMPLES.join(", ")} or functions that make an assignor`,
  parse: (written) => written.split(/\s*,\s*/).map((each) => wireNameOf(each.replace(/^class /, "")) ?? each),
};

function isStrategy(each: unknown): boolean {
  return typeof each === "function" || (typeof each === "string" && wireNameOf(each) !== null);
}

/** An assignor of your own, or the name of one of Kafka's. */
export type ChosenAssignor = Assignor | BuiltInAssignor;

/**
 * Makes those that functions make.
 *
 * @throws ConfigError when two have the same name, or a function makes no assignor.
 */
export function chooseAssignors(strategies: readonly AssignmentStrategy[]): ChosenAssignor[] {
  const names = new Set<string>();
  return strategies.map((each) => {
    const chosen = typeof each === "string" ? (wireNameOf(each) as BuiltInAssignor) : each();
    const name = typeof chosen === "string" ? chosen : checkedName(chosen);
    if (names.has(name))
      throw new ConfigError(`partitionAssignmentStrategy has two assignors named "${name}"`);
    names.add(name);
    return chosen;
  });
}

function checkedName(made: Assignor): string {
  const { name, assign, rebalanceProtocol } = made ?? {};
  const isAssignor =
    typeof name === "string" &&
    name !== "" &&
    typeof assign === "function" &&
    (rebalanceProtocol === "eager" || rebalanceProtocol === "cooperative");
  if (isAssignor) return name;
  throw new ConfigError(
    "partitionAssignmentStrategy: a function made no assignor, which has a name, a rebalanceProtocol and assign()",
  );
}
