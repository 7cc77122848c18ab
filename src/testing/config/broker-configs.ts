/**
 * The configuration keys of brokers that matter here, with the defaults of Kafka 4; those that only are the default of
 * a topic's key are made of the table of topics. Whoever adds behaviour that a key decides adds the key.
 */

import type { ConfigDefinition } from "./config-definition.ts";
import { consumerGroupConfigs } from "./consumer-group-configs.ts";
import { topicConfigs } from "./topic-configs.ts";

const own: readonly ConfigDefinition[] = [
  { name: "auto.create.topics.enable", type: "BOOLEAN", defaultValue: "true", isDynamic: false },
  { name: "connections.max.reauth.ms", type: "LONG", defaultValue: "0", isDynamic: false },
  { name: "connections.max.idle.ms", type: "LONG", defaultValue: "600000", isDynamic: false },
  { name: "controller.quota.window.num", type: "INT", defaultValue: "11", lowest: 1, isDynamic: false },
  {
    name: "controller.quota.window.size.seconds",
    type: "INT",
    defaultValue: "1",
    lowest: 1,
    isDynamic: false,
  },
  { name: "default.replication.factor", type: "INT", defaultValue: "1", lowest: 1, isDynamic: false },
  { name: "delete.topic.enable", type: "BOOLEAN", defaultValue: "true", isDynamic: false },
  {
    name: "delegation.token.expiry.check.interval.ms",
    type: "LONG",
    defaultValue: "3600000",
    lowest: 1,
    isDynamic: false,
  },
  {
    name: "delegation.token.expiry.time.ms",
    type: "LONG",
    defaultValue: "86400000",
    lowest: 1,
    isDynamic: false,
  },
  {
    name: "delegation.token.max.lifetime.ms",
    type: "LONG",
    defaultValue: "604800000",
    lowest: 1,
    isDynamic: false,
  },
  { name: "delegation.token.secret.key", type: "PASSWORD", defaultValue: null, isDynamic: false },
  { name: "fetch.max.bytes", type: "INT", defaultValue: "57671680", lowest: 1024, isDynamic: false },
  { name: "group.initial.rebalance.delay.ms", type: "INT", defaultValue: "3000", isDynamic: false },
  { name: "group.max.session.timeout.ms", type: "INT", defaultValue: "1800000", isDynamic: false },
  { name: "group.max.size", type: "INT", defaultValue: "2147483647", lowest: 1, isDynamic: false },
  { name: "group.min.session.timeout.ms", type: "INT", defaultValue: "6000", isDynamic: false },
  { name: "log.cleaner.backoff.ms", type: "LONG", defaultValue: "15000", lowest: 0, isDynamic: true },
  { name: "log.cleaner.enable", type: "BOOLEAN", defaultValue: "true", isDynamic: false },
  {
    name: "log.retention.check.interval.ms",
    type: "LONG",
    defaultValue: "300000",
    lowest: 1,
    isDynamic: false,
  },
  {
    name: "max.incremental.fetch.session.cache.slots",
    type: "INT",
    defaultValue: "1000",
    lowest: 0,
    isDynamic: false,
  },
  {
    name: "max.request.partition.size.limit",
    type: "INT",
    defaultValue: "2000",
    lowest: 1,
    isDynamic: false,
  },
  { name: "num.partitions", type: "INT", defaultValue: "1", lowest: 1, isDynamic: false },
  { name: "offset.metadata.max.bytes", type: "INT", defaultValue: "4096", isDynamic: false },
  {
    name: "offsets.retention.check.interval.ms",
    type: "LONG",
    defaultValue: "600000",
    lowest: 1,
    isDynamic: false,
  },
  { name: "offsets.retention.minutes", type: "INT", defaultValue: "10080", lowest: 1, isDynamic: false },
  { name: "offsets.topic.num.partitions", type: "INT", defaultValue: "50", lowest: 1, isDynamic: false },
  { name: "offsets.topic.replication.factor", type: "SHORT", defaultValue: "3", lowest: 1, isDynamic: false },
  { name: "quota.window.num", type: "INT", defaultValue: "11", lowest: 1, isDynamic: false },
  { name: "quota.window.size.seconds", type: "INT", defaultValue: "1", lowest: 1, isDynamic: false },
  {
    name: "producer.id.expiration.check.interval.ms",
    type: "INT",
    defaultValue: "600000",
    lowest: 1,
    isDynamic: false,
  },
  { name: "producer.id.expiration.ms", type: "INT", defaultValue: "86400000", lowest: 1, since: "3.9" },
  { name: "replica.selector.class", type: "STRING", defaultValue: null, isDynamic: false },
  { name: "sasl.enabled.mechanisms", type: "LIST", defaultValue: "GSSAPI" },
  { name: "socket.request.max.bytes", type: "INT", defaultValue: "104857600", lowest: 1, isDynamic: false },
  { name: "telemetry.max.bytes", type: "INT", defaultValue: "1048576", lowest: 1, isDynamic: false },
  {
    name: "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    type: "INT",
    defaultValue: "10000",
    lowest: 1,
    isDynamic: false,
  },
  { name: "transaction.max.timeout.ms", type: "INT", defaultValue: "900000", lowest: 1, isDynamic: false },
  { name: "transaction.partition.verification.enable", type: "BOOLEAN", defaultValue: "true", since: "3.9" },
  {
    name: "transaction.remove.expired.transaction.cleanup.interval.ms",
    type: "INT",
    defaultValue: "3600000",
    lowest: 1,
    isDynamic: false,
  },
  {
    name: "transaction.state.log.num.partitions",
    type: "INT",
    defaultValue: "50",
    lowest: 1,
    isDynamic: false,
  },
  {
    name: "transaction.state.log.replication.factor",
    type: "SHORT",
    defaultValue: "3",
    lowest: 1,
    isDynamic: false,
  },
  {
    name: "transactional.id.expiration.ms",
    type: "INT",
    defaultValue: "604800000",
    lowest: 1,
    isDynamic: false,
  },
];

function ofTopics(): ConfigDefinition[] {
  return topicConfigs.flatMap((definition) =>
    definition.brokerName === undefined
      ? []
      : [
          {
            ...definition,
            name: definition.brokerName,
            defaultValue: definition.brokerDefault === null ? null : definition.defaultValue,
          },
        ],
  );
}

/** In the order of their names. */
export const brokerConfigs: readonly ConfigDefinition[] = [
  ...own,
  ...consumerGroupConfigs,
  ...ofTopics(),
].sort((a, b) => (a.name < b.name ? -1 : 1));
