/** Whether values may be set for topics, brokers and groups: Kafka's checks, with its words. */

import { Refusal } from "../error-code.ts";
import { problemWith } from "./config-definition.ts";
import type { ConfigStore } from "./config-store.ts";

/**
 * Holds values that are to be set for brokers against what there is.
 *
 * @throws Refusal INVALID_REQUEST where a value can only be set when a broker starts, else INVALID_CONFIG.
 */
export function checkBrokerConfigs(store: ConfigStore, configs: Iterable<readonly [string, string]>): void {
  for (const [name, value] of configs) {
    const definition = store.brokerDefinitions.get(name);
    // Kafka takes keys that it does not know, for plugins that may.
    if (definition === undefined) continue;
    if (definition.isDynamic === false) {
      throw new Refusal("INVALID_REQUEST", `Cannot update these configs dynamically: Set(${name})`);
    }
    const problem = problemWith(definition, value);
    if (problem !== null) throw invalid(name, value, problem);
  }
}

/**
 * Holds values that are to be set for a topic against what there is.
 *
 * @throws Refusal INVALID_CONFIG naming the first that cannot be set.
 */
export function checkTopicConfigs(store: ConfigStore, configs: Iterable<readonly [string, string]>): void {
  for (const [name, value] of configs) {
    const definition = store.topicDefinitions.get(name);
    if (definition === undefined) throw new Refusal("INVALID_CONFIG", `Unknown topic config name: ${name}`);
    const problem = problemWith(definition, value);
    if (problem !== null) throw invalid(name, value, problem);
  }
}

/**
 * Holds all values that a group is to have against what there is, and what the brokers allow.
 *
 * @throws Refusal INVALID_CONFIG naming the first that cannot be set.
 */
export function checkGroupConfigs(store: ConfigStore, configs: ReadonlyMap<string, string>): void {
  for (const [name, value] of configs) {
    const definition = store.groupDefinitions.get(name);
    if (definition === undefined) throw new Refusal("INVALID_CONFIG", `Unknown group config name: ${name}`);
    const problem = problemWith(definition, value);
    if (problem !== null) throw invalid(name, value, problem);
    const [lowest, highest] = definition.between;
    if (Number(value) < store.number(lowest)) {
      throw new Refusal("INVALID_CONFIG", `${name} must be greater than or equal to ${lowest}`);
    }
    if (Number(value) > store.number(highest)) {
      throw new Refusal("INVALID_CONFIG", `${name} must be less than or equal to ${highest}`);
    }
  }
  const numberOf = (name: string): number => Number(configs.get(name) ?? store.number(`group.${name}`));
  if (numberOf("consumer.session.timeout.ms") > numberOf("consumer.heartbeat.interval.ms")) return;
  const reason = "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms";
  throw new Refusal("INVALID_CONFIG", reason);
}

function invalid(name: string, value: string, problem: string): Refusal {
  return new Refusal("INVALID_CONFIG", `Invalid value ${value} for configuration ${name}: ${problem}`);
}
