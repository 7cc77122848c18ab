/** What the APIs of configurations name: topics, brokers and groups; what is looked up and changed under a name. */

import type { RequestContext } from "../api.ts";
import { Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import { checkTopicName } from "../topics/topic-name.ts";
import { checkBrokerConfigs, checkGroupConfigs, checkTopicConfigs } from "./check-configs.ts";
import type { ConfigDefinition } from "./config-definition.ts";
import type { ConfigStore, Configs } from "./config-store.ts";
import {
  type DescribedConfig,
  describedBrokerConfigs,
  describedGroupConfigs,
  describedTopicConfigs,
} from "./described-configs.ts";

/** Numbers of Kafka's types. */
const TOPIC = 2;
const BROKER = 4;
const GROUP = 32;

type Kind = "topic" | "broker" | "group";
const KINDS: ReadonlyMap<number, Kind> = new Map([
  [TOPIC, "topic"],
  [BROKER, "broker"],
  [GROUP, "group"],
]);

export interface ConfigResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** How a key is to change. */
export interface ConfigChange {
  readonly name: string;
  readonly operation: "SET" | "DELETE" | "APPEND" | "SUBTRACT";
  readonly value: string | null;
}

/** @throws Refusal where there is no such resource, or the client may not look. */
export function describeResource(
  { resourceType, resourceName }: ConfigResource,
  context: RequestContext,
): DescribedConfig[] {
  const { cluster, broker } = context;
  if (resourceType === TOPIC) {
    authorize(context, "DESCRIBE_CONFIGS", resourceType, resourceName);
    checkTopicName(resourceName);
    if (cluster.topics.get(resourceName) === undefined) throw new Refusal("UNKNOWN_TOPIC_OR_PARTITION", "");
    return describedTopicConfigs(cluster.configs, resourceName);
  }
  if (resourceType === BROKER) {
    authorize(context, "DESCRIBE_CONFIGS", resourceType, resourceName);
    if (resourceName !== "" && brokerIdOf(resourceName) !== broker.id) {
      throw new Refusal(
        "INVALID_REQUEST",
        `Unexpected broker id, expected ${broker.id} or empty string, but received ${resourceName}`,
      );
    }
    return describedBrokerConfigs(cluster.configs, resourceName);
  }
  if (resourceType === GROUP && cluster.configs.groupDefinitions.size > 0) {
    authorize(context, "DESCRIBE_CONFIGS", resourceType, resourceName);
    if (resourceName === "") throw new Refusal("INVALID_REQUEST", "Group name must not be empty");
    return describedGroupConfigs(cluster.configs, resourceName);
  }
  throw new Refusal("INVALID_REQUEST", `Unsupported resource type: ${resourceType}`);
}

/**
 * Changes configurations, all of them or none.
 *
 * @param replaces whether what is not named goes, as in AlterConfigs
 * @throws Refusal where that cannot be done.
 */
export function changeResource(
  resource: ConfigResource,
  changes: readonly ConfigChange[],
  { replaces, validateOnly }: { readonly replaces: boolean; readonly validateOnly: boolean },
  context: RequestContext,
): void {
  const { resourceType, resourceName } = resource;
  const { cluster } = context;
  const kind = KINDS.get(resourceType);
  if (kind === undefined || definitionsOf(kind, cluster.configs).size === 0) {
    throw new Refusal("INVALID_REQUEST", `Unexpected resource type ${resourceType}.`);
  }
  authorize(context, "ALTER_CONFIGS", resourceType, resourceName);
  if (kind === "broker" && resourceName !== "") brokerIdOf(resourceName);
  if (kind === "group" && resourceName === "") {
    throw new Refusal("INVALID_REQUEST", "Default group resources are not allowed.");
  }
  const configs = configsOf(kind, resourceName, cluster.configs);
  const changed = replaces ? new Map<string, string>() : new Map(configs);
  for (const change of changes) apply(change, changed, kind, cluster.configs);
  const named = [...changed].filter(([name]) => changes.some((change) => change.name === name));
  if (kind === "topic") checkTopicConfigs(cluster.configs, named);
  else if (kind === "broker") checkBrokerConfigs(cluster.configs, named);
  else checkGroupConfigs(cluster.configs, changed);
  if (kind === "topic" && cluster.topics.get(resourceName) === undefined) {
    cluster.configs.forgetTopic(resourceName);
    throw new Refusal("UNKNOWN_TOPIC_OR_PARTITION", `The topic '${resourceName}' does not exist.`);
  }
  if (validateOnly) return;
  configs.clear();
  for (const [name, value] of changed) configs.set(name, value);
  cluster.configsChanged();
}

function definitionsOf(kind: Kind, store: ConfigStore): ReadonlyMap<string, ConfigDefinition> {
  if (kind === "topic") return store.topicDefinitions;
  return kind === "broker" ? store.brokerDefinitions : store.groupDefinitions;
}

function configsOf(kind: Kind, name: string, store: ConfigStore): Configs {
  if (kind === "topic") return store.topic(name);
  return kind === "broker" ? store.dynamic(name) : store.group(name);
}

function apply(
  { name, operation, value }: ConfigChange,
  configs: Configs,
  kind: Kind,
  store: ConfigStore,
): void {
  if (operation === "DELETE") {
    configs.delete(name);
    return;
  }
  if (value === null) throw new Refusal("INVALID_CONFIG", `Null value not supported for : ${name}`);
  if (operation === "SET") {
    configs.set(name, value);
    return;
  }
  if (definitionsOf(kind, store).get(name)?.type !== "LIST") {
    throw new Refusal("INVALID_CONFIG", `Can't ${operation} to key ${name} because its type is not LIST.`);
  }
  const old = (configs.get(name) ?? "").split(",").filter((element) => element !== "");
  const theirs = value.split(",");
  const elements =
    operation === "APPEND"
      ? [...old, ...theirs.filter((element) => !old.includes(element))]
      : old.filter((element) => !theirs.includes(element));
  configs.set(name, elements.join(","));
}

function brokerIdOf(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  throw new Refusal("INVALID_REQUEST", `Broker id must be an integer, but it is: ${name}`);
}

function authorize(
  context: RequestContext,
  operation: "DESCRIBE_CONFIGS" | "ALTER_CONFIGS",
  resourceType: number,
  name: string,
): void {
  if (resourceType === TOPIC) {
    if (context.allows(operation, "TOPIC", name)) return;
    throw new Refusal("TOPIC_AUTHORIZATION_FAILED", "Topic authorization failed.");
  }
  if (resourceType === GROUP) {
    if (context.allows(operation, "GROUP", name)) return;
    throw new Refusal("GROUP_AUTHORIZATION_FAILED", "Group authorization failed.");
  }
  if (context.allows(operation, "CLUSTER", CLUSTER_NAME)) return;
  throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
}
