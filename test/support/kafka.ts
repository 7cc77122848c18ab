import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import { type ClusterOptions, type KafkaCluster, startCluster } from "../../scripts/kafka/cluster.ts";
import { compareVersions } from "../../scripts/kafka/versions.ts";
import type { Release, TestCluster } from "../../src/testing/mod.ts";
import { askForCluster, type PooledCluster, type PoolRequest } from "./cluster-pool.ts";
import type { NotRun, Requirement, SharedBroker } from "./requirements.ts";
import { RUNTIMES, type Runtime, type RuntimeName } from "./runtimes.ts";
import { inSoak, isSoak } from "./soak.ts";

export type { KafkaCluster } from "../../scripts/kafka/cluster.ts";
export type { Requirement, SharedBroker } from "./requirements.ts";

/** Fetching the jars on a fresh machine takes most of it. */
const START_TIMEOUT_MS = 5 * 60_000;

/** The clusters that every integration suite must pass on, beside the shared broker. */
const OTHER_CLUSTERS: readonly PoolRequest[] = [
  { kafkaVersion: "2.1.1", brokers: 1 },
  { kafkaVersion: "3.9.1", brokers: 1 },
  { kafkaVersion: "4.0.1", brokers: 1 },
  { kafkaVersion: "4.1.1", brokers: 1 },
  { kafkaVersion: "4.4.0", brokers: 3 },
  { kafkaVersion: "3.9.1", brokers: 3 },
  ...inSoak<readonly PoolRequest[]>(
    [
      { kafkaVersion: "2.8.2", brokers: 1 },
      { kafkaVersion: "4.0.1", brokers: 3 },
      { kafkaVersion: "4.1.1", brokers: 3 },
    ],
    [],
  ),
];

/** The embedded clusters that every integration suite must pass on. */
export const EMBEDDED_CLUSTERS: readonly { readonly as: Release; readonly brokers: number }[] = [
  { as: "4.4", brokers: 1 },
  { as: "4.4", brokers: 3 },
  { as: "3.9", brokers: 1 },
  { as: "2.1", brokers: 1 },
  ...inSoak<readonly { readonly as: Release; readonly brokers: number }[]>(
    [
      { as: "4.1", brokers: 1 },
      { as: "4.0", brokers: 3 },
      { as: "3.9", brokers: 3 },
      { as: "2.1", brokers: 3 },
    ],
    [],
  ),
];

/** As real clusters have them: members of the consumer protocol hear with a heartbeat what to do. */
const QUICK_HEARTBEATS = {
  "group.consumer.heartbeat.interval.ms": "1000",
  "group.consumer.min.heartbeat.interval.ms": "1000",
} as const;

/**
 * Broker properties for clusters whose brokers are killed or started again: the others take a silent broker
 * for dead after 3 s and not 9, and the controller lets one that comes back register again as soon.
 */
export const QUICK_FENCING = {
  "broker.session.timeout.ms": "3000",
  "broker.heartbeat.interval.ms": "500",
} as const;

/**
 * A suite that needs something of the machine. Where that is absent the suite is skipped and reported at the
 * end of the run as not run; where it should be there but cannot be started, the suite fails.
 *
 * The body runs in any case, to collect its tests: ask for brokers in hooks and tests only.
 */
export function describeKafka(
  name: string,
  requires: Requirement | readonly Requirement[],
  body: () => void,
): void {
  const kafka = inject("kafka");
  const requirements = typeof requires === "string" ? [requires] : requires;
  const missing: NotRun["missing"][number][] = [];
  for (const requirement of requirements) {
    const remedy = kafka.missing[requirement];
    if (remedy !== undefined) missing.push({ requirement, remedy });
  }
  if (missing.length > 0) {
    describe.skip(name, { meta: { notRun: { missing } } }, body);
    return;
  }
  describe(name, () => {
    const { brokerFailure } = kafka;
    if (requirements.includes("broker") && brokerFailure !== null) {
      beforeAll(() => {
        throw new Error(`there is no shared broker: ${brokerFailure}`);
      });
    }
    body();
  });
}

/** The broker (or cluster) that all suites share; for suites that require `broker`, in hooks and tests. */
export function sharedBroker(): SharedBroker {
  const { broker } = inject("kafka");
  if (broker === null) throw new Error('no shared broker: the suite must be a describeKafka(…, "broker", …)');
  return broker;
}

/** A runtime to run programs in; for suites that require it, in hooks and tests. */
export function runtime(name: RuntimeName): Runtime {
  const found = inject("kafka").runtimes[name];
  if (found === undefined) throw new Error(`no ${name}: the suite must be a describeKafka(…, "${name}", …)`);
  return found;
}

/** The runtimes that are there, also where a suite requires none. */
export function presentRuntimes(): RuntimeName[] {
  const { runtimes } = inject("kafka");
  return RUNTIMES.filter((name) => runtimes[name] !== undefined);
}

/**
 * A cluster of this suite's own, started before its first test and closed after its last; for suites that
 * require `cluster`. Its brokers may be stopped, killed and paused. Call the result in hooks and tests.
 */
export function clusterFor(options: Omit<ClusterOptions, "directory" | "signal"> = {}): () => KafkaCluster {
  let cluster: KafkaCluster | undefined;
  beforeAll(async () => {
    cluster = await startCluster(options);
  }, START_TIMEOUT_MS);
  afterAll(() => cluster?.close());
  return () => {
    if (cluster === undefined) throw new Error("the cluster is there in hooks and tests only");
    return cluster;
  };
}

export interface KafkaUnderTest {
  readonly bootstrapServers: readonly string[];
  /** Null when the broker was given through KAFKA_BOOTSTRAP. */
  readonly kafkaVersion: string | null;
}

/**
 * The same suite on embedded clusters, on the shared broker, on Kafka 4.4.0 and 3.9.1 with one broker and with three, and on 4.1.1,
 * 4.0.1 and 2.1.1 with one (in full runs on 2.8.2 too, and on the former two with three). These clusters are
 * shared by all files of the run and started when first wanted, so leave their brokers alone. Call `kafka` in hooks
 * and tests.
 *
 * @param since The oldest of these versions that can do what the suite is about.
 * @param inShort For a suite that takes its time: those of them, as `version/brokers`, that it needs in a run that is
 * no full one. Default: all.
 */
export function describeOnEachKafka(
  name: string,
  body: (kafka: () => KafkaUnderTest) => void,
  since = "2.1.0",
  inShort?: readonly string[],
): void {
  describeOnEmbedded(name, body, since);
  describeKafka(`${name} [${sharedTitle()}]`, "broker", () => body(sharedBroker));
  for (const options of OTHER_CLUSTERS) {
    const { kafkaVersion, brokers } = options;
    if (compareVersions(kafkaVersion, since) < 0) continue;
    if (!isSoak && inShort !== undefined && !inShort.includes(`${kafkaVersion}/${brokers}`)) continue;
    describeKafka(`${name} [${clusterTitle(kafkaVersion, brokers)}]`, "cluster", () => {
      let cluster: PooledCluster | undefined;
      beforeAll(async () => {
        cluster = await askForCluster(inject("kafka").poolUrl, options);
      }, START_TIMEOUT_MS);
      body(() => {
        if (cluster === undefined) throw new Error("the cluster is there in hooks and tests only");
        return cluster;
      });
    });
  }
}

/** The same suite on clusters in this process, which need nothing of the machine. */
function describeOnEmbedded(name: string, body: (kafka: () => KafkaUnderTest) => void, since: string): void {
  for (const { as, brokers } of EMBEDDED_CLUSTERS) {
    const kafkaVersion = `${as}.0`;
    if (compareVersions(kafkaVersion, since) < 0) continue;
    describe(`${name} [embedded, ${clusterTitle(kafkaVersion, brokers)}]`, () => {
      let cluster: TestCluster | undefined;
      beforeAll(async () => {
        // Only here: most files that import this one need no embedded cluster.
        const testing = await import("../../src/testing/mod.ts");
        const configs = compareVersions(kafkaVersion, "4.0.0") < 0 ? {} : QUICK_HEARTBEATS;
        cluster = await testing.TestCluster.start({ as, brokers, autoCreateTopics: false, configs });
      });
      afterAll(async () => {
        await cluster?.close();
        expect(cluster?.failures).toEqual([]);
      });
      body(() => {
        if (cluster === undefined) throw new Error("the cluster is there in hooks and tests only");
        return { bootstrapServers: cluster.bootstrapServers, kafkaVersion };
      });
    });
  }
}

function sharedTitle(): string {
  const { broker } = inject("kafka");
  if (broker?.source === "KAFKA_BOOTSTRAP") return "the broker of KAFKA_BOOTSTRAP";
  return clusterTitle(broker?.kafkaVersion ?? "4.4.0", broker?.bootstrapServers.length ?? 1);
}

function clusterTitle(kafkaVersion: string, brokers: number): string {
  return `Kafka ${kafkaVersion}, ${brokers === 1 ? "one broker" : `${brokers} brokers`}`;
}
