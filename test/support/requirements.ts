/** What a suite may need that not every machine has. This file is read by workers and by the main process. */

import type { Runtime, RuntimeName } from "./runtimes.ts";

/**
 * - `broker`: any broker at all, the shared one
 * - `cluster`: clusters of one's own, to choose their version and stop their brokers (Java and Maven)
 * - `java`: a JDK, and through Maven the jars of Kafka, to run Java programs
 * - `kcat`: the command-line client over librdkafka
 * - a runtime's name: that runtime, fetched through npm
 */
export type Requirement = "broker" | "cluster" | "java" | "kcat" | RuntimeName;

export interface SharedBroker {
  readonly source: "KAFKA_BOOTSTRAP" | "Java" | "docker compose";
  readonly bootstrapServers: readonly string[];
  /** Null when it is not ours and so not known. */
  readonly kafkaVersion: string | null;
}

/** What the global setup found out, once for all test files. */
export interface ProvidedKafka {
  readonly broker: SharedBroker | null;
  /** Why there is no shared broker though there should be one: its suites fail with this. */
  readonly brokerFailure: string | null;
  /** What this machine lacks: per requirement that it cannot meet, what to install. */
  readonly missing: Readonly<Partial<Record<Requirement, string>>>;
  /** Where cluster-pool.ts answers. */
  readonly poolUrl: string | null;
  /** Those that are there, for the projects that want them. */
  readonly runtimes: Readonly<Partial<Record<RuntimeName, Runtime>>>;
}

/** Left on a suite that is skipped because the machine lacks something; not-run-reporter.ts collects it. */
export interface NotRun {
  readonly missing: readonly { readonly requirement: Requirement; readonly remedy: string }[];
}

declare module "vitest" {
  interface ProvidedContext {
    kafka: ProvidedKafka;
  }
  interface TaskMeta {
    notRun?: NotRun;
  }
}
