/** The configuration keys of brokers about groups of the consumer protocol (KIP-848), and those of single groups. */

import type { ConfigDefinition } from "./config-definition.ts";

const LARGEST_INT = 2_147_483_647;
const FIRST = { since: "4.0", isDynamic: false } as const;

function time(name: string, defaultValue: number, since: "4.0" | "4.1" | "4.4" = "4.0"): ConfigDefinition {
  const lowest = name.includes("assignment") ? 0 : 1;
  return { name, type: "INT", defaultValue: String(defaultValue), lowest, since, isDynamic: false };
}

export const consumerGroupConfigs: readonly ConfigDefinition[] = [
  {
    ...FIRST,
    name: "group.consumer.assignors",
    type: "LIST",
    defaultValue: "uniform,range",
    oneOf: ["uniform", "range"],
  },
  time("group.consumer.assignment.interval.ms", 1000, "4.4"),
  time("group.consumer.heartbeat.interval.ms", 5000),
  time("group.consumer.max.assignment.interval.ms", 15_000, "4.4"),
  time("group.consumer.max.heartbeat.interval.ms", 15_000),
  time("group.consumer.max.session.timeout.ms", 60_000),
  {
    ...FIRST,
    name: "group.consumer.max.size",
    type: "INT",
    defaultValue: String(LARGEST_INT),
    lowest: 1,
  },
  {
    ...FIRST,
    name: "group.consumer.migration.policy",
    type: "STRING",
    defaultValue: "bidirectional",
    oneOf: ["disabled", "downgrade", "upgrade", "bidirectional"],
  },
  time("group.consumer.min.assignment.interval.ms", 0, "4.4"),
  time("group.consumer.min.heartbeat.interval.ms", 5000),
  time("group.consumer.min.session.timeout.ms", 45_000),
  { ...time("group.consumer.regex.refresh.interval.ms", 600_000, "4.1"), lowest: 10_000 },
  time("group.consumer.session.timeout.ms", 45_000),
  {
    name: "group.coordinator.rebalance.protocols",
    type: "LIST",
    defaultValue: "classic,consumer",
    oneOf: ["classic", "consumer", "share", "streams"],
    since: "3.9",
    until: "4.1",
    isDynamic: false,
  },
  {
    name: "group.coordinator.rebalance.protocols",
    type: "LIST",
    defaultValue: "classic,consumer,streams",
    oneOf: ["classic", "consumer", "share", "streams"],
    since: "4.4",
    isDynamic: false,
  },
];

/** A key of single groups, which is a broker's as long as it is not set. */
export interface GroupConfigDefinition extends ConfigDefinition {
  /** Key of the broker. */
  readonly brokerName: string;
  /** Keys of the broker that say between what it is to be. */
  readonly between: readonly [lowest: string, highest: string];
}

function ofGroup(kind: string, since: "4.0" | "4.4"): GroupConfigDefinition {
  return {
    name: `consumer.${kind}`,
    type: "INT",
    defaultValue: null,
    brokerName: `group.consumer.${kind}`,
    between: [`group.consumer.min.${kind}`, `group.consumer.max.${kind}`],
    since,
  };
}

/** In the order of their names. */
export const groupConfigs: readonly GroupConfigDefinition[] = [
  ofGroup("assignment.interval.ms", "4.4"),
  ofGroup("heartbeat.interval.ms", "4.0"),
  ofGroup("session.timeout.ms", "4.0"),
];
