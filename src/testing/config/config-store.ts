/**
 * What was configured, and for whom: brokers, each of them alone, and topics.
 *
 * Owner of: all configurations. A value is looked for where Kafka looks for it, from the most special to the default.
 */

import { type Release, releases } from "../releases.ts";
import { brokerConfigs } from "./broker-configs.ts";
import { type ConfigDefinition, hasConfig, listOf, problemWith } from "./config-definition.ts";
import { type GroupConfigDefinition, groupConfigs } from "./consumer-group-configs.ts";
import { topicConfigs } from "./topic-configs.ts";

/** Numbers of Kafka's sources, as DescribeConfigs has them. */
export const CONFIG_SOURCES = {
  TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  GROUP_CONFIG: 8,
} as const;

export type ConfigSource = keyof typeof CONFIG_SOURCES;

/** A value with its source. */
export interface ConfigValue {
  readonly name: string;
  readonly value: string | null;
  readonly source: ConfigSource;
}

/** What was set for brokers, topics and groups, by their names. */
export interface KeptConfigs {
  readonly brokers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly topics: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly groups: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Values by key. */
export type Configs = Map<string, string>;

const MIN_ISR = "min.insync.replicas";

export class ConfigStore {
  /** As in `server.properties`; the same for all brokers. */
  readonly #static: ReadonlyMap<string, string>;
  /** Set while brokers run: for all of them under "", for one under its id. */
  readonly #dynamic = new Map<string, Configs>();
  readonly #topics = new Map<string, Configs>();
  readonly #groups = new Map<string, Configs>();
  /** The keys of topics that the release has. */
  readonly topicDefinitions: ReadonlyMap<string, ConfigDefinition>;
  /** The keys of groups that the release has. */
  readonly groupDefinitions: ReadonlyMap<string, GroupConfigDefinition>;
  /** The keys of brokers that the release has. */
  readonly brokerDefinitions: ReadonlyMap<string, ConfigDefinition>;

  /** @throws RangeError when there is no such key, or the value is none that it takes. */
  constructor(brokerProperties: Readonly<Record<string, string>>, release: Release) {
    this.topicDefinitions = definitionsOf(topicConfigs, release);
    this.brokerDefinitions = definitionsOf(brokerConfigs, release);
    this.groupDefinitions = definitionsOf(groupConfigs, release);
    for (const [name, value] of Object.entries(brokerProperties)) {
      const definition = this.brokerDefinitions.get(name);
      if (definition === undefined)
        throw new RangeError(`The embedded broker has no configuration "${name}"`);
      const problem = problemWith(definition, value);
      if (problem !== null) throw new RangeError(`${name} cannot be "${value}": ${problem}`);
    }
    this.#static = new Map(Object.entries(brokerProperties));
    // KIP-966: eligible leader replicas fix it for the cluster when they are turned on, as they are from 4.1 on.
    if (releases.indexOf(release) >= releases.indexOf("4.1")) {
      const { value } = this.broker(MIN_ISR);
      this.dynamic("").set(MIN_ISR, value ?? "1");
    }
  }

  /** What was set for a broker while it ran; for all of them where the name is empty. Change it in place. */
  dynamic(brokerName: string): Configs {
    return gotOrMade(this.#dynamic, brokerName);
  }

  /** What was set for a topic. Change it in place. */
  topic(name: string): Configs {
    return gotOrMade(this.#topics, name);
  }

  /** Forgets what was set for a topic, which is deleted. */
  forgetTopic(name: string): void {
    this.#topics.delete(name);
  }

  /** What was set for a group. Change it in place. */
  group(groupId: string): Configs {
    return gotOrMade(this.#groups, groupId);
  }

  /** The groups for which something is set. */
  get configuredGroups(): string[] {
    return [...this.#groups].filter(([, configs]) => configs.size > 0).map(([groupId]) => groupId);
  }

  /** A group's value as a number, such as `consumer.session.timeout.ms`. */
  ofGroup(groupId: string, name: string): number {
    const definition = this.groupDefinitions.get(name);
    if (definition === undefined) throw new RangeError(`There is no group configuration "${name}"`);
    const own = this.#groups.get(groupId)?.get(name);
    return own === undefined ? this.number(definition.brokerName) : Number(own);
  }

  /** All that was set while brokers ran, to be kept. */
  get kept(): KeptConfigs {
    const plain = (all: ReadonlyMap<string, Configs>): Record<string, Record<string, string>> =>
      Object.fromEntries(Array.from(all, ([name, configs]) => [name, Object.fromEntries(configs)]));
    return { brokers: plain(this.#dynamic), topics: plain(this.#topics), groups: plain(this.#groups) };
  }

  /** Takes what was kept. What the release has no key for is left. */
  restore({ brokers, topics, groups }: KeptConfigs): void {
    for (const [name, configs] of Object.entries(brokers)) {
      for (const [key, value] of Object.entries(configs)) {
        if (this.brokerDefinitions.has(key)) this.dynamic(name).set(key, value);
      }
    }
    for (const [name, configs] of Object.entries(topics)) {
      for (const [key, value] of Object.entries(configs)) {
        if (this.topicDefinitions.has(key)) this.topic(name).set(key, value);
      }
    }
    for (const [name, configs] of Object.entries(groups)) {
      for (const [key, value] of Object.entries(configs)) {
        if (this.groupDefinitions.has(key)) this.group(name).set(key, value);
      }
    }
  }

  /** A broker's value; by default of any of them. */
  broker(name: string, brokerName = ""): ConfigValue {
    return this.brokerLayers(name, brokerName)[0] as ConfigValue;
  }

  /** All values that a broker's key has somewhere, the one that counts first. */
  brokerLayers(name: string, brokerName: string): ConfigValue[] {
    const definition = this.brokerDefinitions.get(name);
    if (definition === undefined) throw new RangeError(`There is no broker configuration "${name}"`);
    const layers: ConfigValue[] = [];
    const add = (value: string | undefined, source: ConfigSource): void => {
      if (value !== undefined) layers.push({ name, value, source });
    };
    if (brokerName !== "") add(this.#dynamic.get(brokerName)?.get(name), "DYNAMIC_BROKER_CONFIG");
    add(this.#dynamic.get("")?.get(name), "DYNAMIC_DEFAULT_BROKER_CONFIG");
    add(this.#static.get(name), "STATIC_BROKER_CONFIG");
    const { defaultValue } = definition;
    if (defaultValue !== null || layers.length === 0) {
      layers.push({ name, value: defaultValue, source: "DEFAULT_CONFIG" });
    }
    return layers;
  }

  /** A topic's value. */
  ofTopic(topic: string, name: string): ConfigValue {
    const definition = this.topicDefinitions.get(name);
    if (definition === undefined) throw new RangeError(`There is no topic configuration "${name}"`);
    const own = this.#topics.get(topic)?.get(name);
    if (own !== undefined) return { name, value: own, source: "TOPIC_CONFIG" };
    const ofBrokers = definition.brokerName === undefined ? null : this.broker(definition.brokerName);
    if (ofBrokers !== null && ofBrokers.value !== null) return { ...ofBrokers, name };
    return { name, value: definition.defaultValue, source: "DEFAULT_CONFIG" };
  }

  /** A broker's value as a number. */
  number(name: string, brokerName = ""): number {
    return Number(this.broker(name, brokerName).value);
  }

  /** A broker's value as a boolean. */
  boolean(name: string, brokerName = ""): boolean {
    return this.broker(name, brokerName).value?.toLowerCase() === "true";
  }

  topicNumber(topic: string, name: string): number {
    return Number(this.ofTopic(topic, name).value);
  }

  topicBoolean(topic: string, name: string): boolean {
    return this.ofTopic(topic, name).value?.toLowerCase() === "true";
  }

  topicList(topic: string, name: string): string[] {
    return listOf(this.ofTopic(topic, name).value ?? "");
  }
}

function definitionsOf<Definition extends ConfigDefinition>(
  definitions: readonly Definition[],
  release: Release,
): ReadonlyMap<string, Definition> {
  const theirs = definitions.filter((definition) => hasConfig(definition, release));
  return new Map(theirs.map((definition) => [definition.name, definition]));
}

function gotOrMade(map: Map<string, Configs>, key: string): Configs {
  const configs = map.get(key) ?? new Map();
  map.set(key, configs);
  return configs;
}
