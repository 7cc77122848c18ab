/** Configurations as they are told: with where they come from, and what they are called elsewhere. */

import { CONFIG_TYPES, type ConfigDefinition } from "./config-definition.ts";
import { CONFIG_SOURCES, type ConfigStore, type ConfigValue } from "./config-store.ts";

export interface DescribedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
  readonly synonyms: { name: string; value: string | null; source: number }[];
  readonly configType: number;
  readonly documentation: string | null;
}

/** All configurations of a topic. */
export function describedTopicConfigs(store: ConfigStore, topic: string): DescribedConfig[] {
  return Array.from(store.topicDefinitions.values(), (definition) => {
    const { name, brokerName } = definition;
    const chosen = store.ofTopic(topic, name);
    const own = store.topic(topic).get(name);
    const synonyms: ConfigValue[] = own === undefined ? [] : [{ name, value: own, source: "TOPIC_CONFIG" }];
    if (brokerName !== undefined) {
      synonyms.push(...store.brokerLayers(brokerName, "").filter(({ value }) => value !== null));
    }
    return described(definition, chosen, synonyms, false);
  });
}

/** All configurations of a group. */
export function describedGroupConfigs(store: ConfigStore, groupId: string): DescribedConfig[] {
  return Array.from(store.groupDefinitions.values(), (definition) => {
    const { name, brokerName } = definition;
    const own = store.group(groupId).get(name);
    const layers: ConfigValue[] = own === undefined ? [] : [{ name, value: own, source: "GROUP_CONFIG" }];
    layers.push(...store.brokerLayers(brokerName, ""));
    return described(definition, { ...(layers[0] as ConfigValue), name }, layers, false);
  });
}

/** All configurations of a broker; of all brokers together, only those that were set for all. */
export function describedBrokerConfigs(store: ConfigStore, brokerName: string): DescribedConfig[] {
  const dynamic = store.dynamic("");
  const all = [...store.brokerDefinitions.values()];
  const told = brokerName === "" ? all.filter(({ name }) => dynamic.has(name)) : all;
  return told.map((definition) => {
    const { name, isDynamic = true } = definition;
    const layers = store.brokerLayers(name, brokerName);
    return described(definition, store.broker(name, brokerName), layers, !isDynamic);
  });
}

function described(
  { name, type }: ConfigDefinition,
  chosen: ConfigValue,
  layers: readonly ConfigValue[],
  readOnly: boolean,
): DescribedConfig {
  const isSensitive = type === "PASSWORD";
  const shown = (value: string | null): string | null => (isSensitive ? null : value);
  return {
    name,
    value: shown(chosen.value),
    readOnly,
    configSource: CONFIG_SOURCES[chosen.source],
    isSensitive,
    synonyms: layers.map((layer) => ({
      name: layer.name,
      value: shown(layer.value),
      source: CONFIG_SOURCES[layer.source],
    })),
    configType: CONFIG_TYPES[type],
    documentation: null,
  };
}
