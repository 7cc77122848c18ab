import type { TestProject } from "vitest/node";
import { KafkaRunnerError } from "../../scripts/kafka/errors.ts";
import { ensureJars } from "../../scripts/kafka/jars.ts";
import { fetchClusterView } from "../../scripts/kafka/probe.ts";
import { sleep } from "../../scripts/kafka/process.ts";
import { DEFAULT_KAFKA_VERSION } from "../../scripts/kafka/versions.ts";
import { ClusterPool } from "./cluster-pool.ts";
import {
  COMPOSE_BOOTSTRAP,
  dockerCompose,
  dockerComposeAnswers,
  whatJavaLacks,
  whatKcatLacks,
} from "./machine.ts";
import type { ProvidedKafka, Requirement, SharedBroker } from "./requirements.ts";
import { ensureRuntime, RUNTIMES, type Runtime, type RuntimeName } from "./runtimes.ts";

/** The golden project asks Java programs, no broker. */
const PROJECTS_WITHOUT_BROKER: readonly string[] = ["golden"];
/** Which projects want other runtimes; `fixture` is that of test/house/not-run.test.ts. */
const PROJECTS_WITH_RUNTIMES: readonly string[] = ["runtimes", "fixture"];

/** What all projects of a run share. Each loads this file anew, so that it hangs on the global object. */
interface Shared {
  users: number;
  readonly close: (() => Promise<void>)[];
  lacks?: Promise<{ readonly java: string | undefined; readonly kcat: string | undefined }>;
  pool?: Promise<ClusterPool>;
  broker?: Promise<Pick<ProvidedKafka, "broker" | "brokerFailure"> & { readonly remedy?: string }>;
}

const SHARED = Symbol.for("kafkawire.test.kafka");
const holder = globalThis as { [SHARED]?: Shared };

/**
 * Finds out once what this machine can run, starts the shared broker if a project wants one, and tells the
 * tests through `inject("kafka")`. It never fails itself: suites that need no broker shall run in any case.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = holder[SHARED] ?? { users: 0, close: [] };
  holder[SHARED] = shared;
  shared.users++;
  shared.lacks ??= whatJavaLacks().then((java) => ({ java, kcat: whatKcatLacks() }));
  const lacks = await shared.lacks;

  const missing: Partial<Record<Requirement, string>> = {};
  if (lacks.kcat !== undefined) missing.kcat = lacks.kcat;
  if (lacks.java !== undefined) {
    missing.java = lacks.java;
    missing.cluster = lacks.java;
  }
  let poolUrl: string | null = null;
  if (lacks.java === undefined) {
    shared.pool ??= openPool(shared);
    poolUrl = (await shared.pool).url;
  }
  let found: Awaited<NonNullable<Shared["broker"]>> = { broker: null, brokerFailure: null };
  if (!PROJECTS_WITHOUT_BROKER.includes(project.name)) {
    shared.broker ??= findBroker(shared, lacks.java);
    found = await shared.broker;
    if (found.remedy !== undefined) missing.broker = found.remedy;
  }
  const runtimes = PROJECTS_WITH_RUNTIMES.includes(project.name) ? await findRuntimes(missing) : {};
  const { broker, brokerFailure } = found;
  project.provide("kafka", { broker, brokerFailure, missing, poolUrl, runtimes });

  return async () => {
    shared.users--;
    if (shared.users > 0) return;
    delete holder[SHARED];
    for (const close of shared.close.reverse()) await close();
  };
}

/** Those that can be had; what keeps the others away goes into `missing`. */
async function findRuntimes(
  missing: Partial<Record<Requirement, string>>,
): Promise<Partial<Record<RuntimeName, Runtime>>> {
  const found: Partial<Record<RuntimeName, Runtime>> = {};
  await Promise.all(
    RUNTIMES.map(async (name) => {
      try {
        found[name] = await ensureRuntime(name);
      } catch (error) {
        if (!(error instanceof KafkaRunnerError)) throw error;
        missing[name] = error.message;
      }
    }),
  );
  return found;
}

async function openPool(shared: Shared): Promise<ClusterPool> {
  try {
    // Now, so that no test's deadline has to pay for it.
    await ensureJars(DEFAULT_KAFKA_VERSION, { onProgress: (message) => console.error(`kafka: ${message}`) });
  } catch (error) {
    // Whoever wants the jars asks for them again and fails with the same error, in the open.
    if (!(error instanceof KafkaRunnerError)) throw error;
  }
  const pool = await ClusterPool.open();
  shared.close.push(() => pool.close());
  return pool;
}

async function findBroker(
  shared: Shared,
  javaLacks: string | undefined,
): Promise<Awaited<NonNullable<Shared["broker"]>>> {
  try {
    const broker =
      (await givenBroker()) ?? (await javaBroker(shared, javaLacks)) ?? (await dockerBroker(shared));
    if (broker !== undefined) return { broker, brokerFailure: null };
    const remedy = `set KAFKA_BOOTSTRAP to a broker's address, or start Docker with its compose plugin, or: ${javaLacks}`;
    return { broker: null, brokerFailure: null, remedy };
  } catch (error) {
    return { broker: null, brokerFailure: messageOf(error) };
  }
}

async function givenBroker(): Promise<SharedBroker | undefined> {
  const given = process.env["KAFKA_BOOTSTRAP"];
  if (given === undefined || given === "") return undefined;
  const bootstrapServers = given.split(",").map((address) => address.trim());
  const failures: string[] = [];
  for (const address of bootstrapServers) {
    try {
      await brokersKnownTo(address);
      return { source: "KAFKA_BOOTSTRAP", bootstrapServers, kafkaVersion: null };
    } catch (error) {
      failures.push(`${address}: ${messageOf(error)}`);
    }
  }
  throw new Error(
    `no broker of KAFKA_BOOTSTRAP answers (${failures.join("; ")}): start it, or unset the variable`,
  );
}

async function javaBroker(shared: Shared, javaLacks: string | undefined): Promise<SharedBroker | undefined> {
  if (javaLacks !== undefined || shared.pool === undefined) return undefined;
  const pool = await shared.pool;
  const { bootstrapServers } = await pool.get({ kafkaVersion: DEFAULT_KAFKA_VERSION, brokers: 1 });
  return { source: "Java", bootstrapServers, kafkaVersion: DEFAULT_KAFKA_VERSION };
}

async function dockerBroker(shared: Shared): Promise<SharedBroker | undefined> {
  if (!(await dockerComposeAnswers())) return undefined;
  // One that a person has started stays up afterwards.
  const wasUp = (await dockerCompose("ps", "--quiet")).trim() !== "";
  if (!wasUp) shared.close.push(() => dockerCompose("down", "--volumes").then(() => {}));
  await dockerCompose("up", "--detach", "--wait");
  await untilAllAreKnown(COMPOSE_BOOTSTRAP);
  return {
    source: "docker compose",
    bootstrapServers: COMPOSE_BOOTSTRAP,
    kafkaVersion: DEFAULT_KAFKA_VERSION,
  };
}

/** The health check of docker-compose.yml says that a broker answers, not that the others have joined it. */
async function untilAllAreKnown(addresses: readonly string[]): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (const address of addresses) {
    for (;;) {
      const known = await brokersKnownTo(address);
      if (known === addresses.length) break;
      if (Date.now() > deadline) {
        throw new Error(
          `the broker at ${address} knows ${known} of ${addresses.length} brokers after a minute`,
        );
      }
      await sleep(200);
    }
  }
}

async function brokersKnownTo(address: string): Promise<number> {
  const colon = address.lastIndexOf(":");
  const view = await fetchClusterView(address.slice(0, colon), Number(address.slice(colon + 1)), 5_000);
  return view.brokers.length;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
