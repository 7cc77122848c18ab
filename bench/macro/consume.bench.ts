/**
 * What consuming costs: records with keys and values of 100 bytes and of 1 KiB, from six partitions of a real broker,
 * as the only member of a group that commits every five seconds, through kafkawire (`batches()` and `for await`),
 * other JavaScript clients, bindings of librdkafka, and franz-go, each at its best public interface (each file in
 * consumers/ says which that is). Of each key and value the length and one byte are read.
 *
 * The topic is filled beforehand, in batches of 16 KiB as they are by default. Every client is a process of its own.
 * Rounds take turns, and a round goes on where the one before ended. Measured is the processor time of the client's
 * whole process (all threads, kernel and collecting garbage included) for each record, after a warm-up, from one rest
 * to the next, so that what is fetched ahead counts.
 *
 * Latency: from before a record is sent until the client gives it, of 1,000 records a second that another process
 * sends one by one. Each client is alone with them, in turns. Memory: values of 10 KB, 100,000 of which wait, and
 * who reads waits 10 ms after each 100 of them.
 *
 *   npm run bench -- consume
 *
 * BENCH_CLIENTS (names, by commas), BENCH_ROUNDS, BENCH_SIZES (none: neither of them), BENCH_PARTS (of `cpu`,
 * `latency`, `memory`) and KAFKA_BOOTSTRAP (a broker that is there) narrow it; then nothing is kept. BENCH_PROFILE
 * names a directory for a CPU profile of each kafkawire process.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { type KafkaCluster, startCluster } from "../../scripts/kafka/cluster.ts";
import type { Runtime } from "../../test/support/runtimes.ts";
import { ClientProcess } from "./client-process.ts";
import type { Heard, ReadSpent, Taken } from "./consume-worker.ts";
import { CONTENDERS } from "./consumers.ts";
import { compared, median, percentile, print, type Table } from "./figures.ts";
import { inNode } from "./launch.ts";
import { inTurns, launches, overseer, type Ready, type Untyped } from "./surroundings.ts";

const PARTITIONS = 6;
const SIZES = (process.env["BENCH_SIZES"] ?? "100,1024").split(",").map(Number);
const PARTS = (process.env["BENCH_PARTS"] ?? "cpu,latency,memory").split(",");
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 9);
const WARM_ROUNDS = 5;
const WARM_RECORDS = 20_000;
const ROUND_MS = 500;
const MAX_ROUND_BYTES = 50 << 20;
/** What the slowest to notice has fetched ahead, or been given more than it was asked for. */
const MARGIN_BYTES = 200 << 20;
/** Of a record, beside its value. */
const KEY_BYTES = 20;
const LATENCY_ROUNDS = 3;
const LATENCY_SKIPPED = 3000;
const LATENCY_RECORDS = 4000;
const MEMORY_RECORDS = 100_000;
const MEMORY_VALUE_SIZE = 10_000;
const MEMORY_MS = 6000;
/** So many are sent at once while a topic is filled. */
const FILL_CHUNK = 200_000;

const only = process.env["BENCH_CLIENTS"]?.split(",");
const isWhole = only === undefined && ROUNDS === 9 && SIZES.length === 2 && PARTS.length === 3;
const profiles = process.env["BENCH_PROFILE"];

interface Running extends Ready {
  readonly client: ClientProcess;
}

interface Place {
  readonly bootstrapServers: string;
  readonly admin: Untyped;
  readonly node: Runtime;
  readonly version: string;
  readonly missing: Map<string, string>;
}

async function newTopic({ admin }: Place, name: string): Promise<string> {
  const topic = `bench-${Date.now()}-${name}`;
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }],
  });
  return topic;
}

/** A topic with so many records, in batches as they are by default. */
async function filled(place: Place, valueSize: number, count: number): Promise<string> {
  const { bootstrapServers, node, version } = place;
  const topic = await newTopic(place, `${valueSize}`);
  const launch = await inNode("clients/kafkawire-enqueue.ts")(node, version);
  const setup = { bootstrapServers, topic, valueSize, lingerMs: null };
  const producer = await ClientProcess.start({ ...launch, byDefault: true }, setup);
  for (let left = count; left > 0; left -= FILL_CHUNK) await producer.produce(Math.min(left, FILL_CHUNK));
  await producer.close();
  return topic;
}

/** Starts a client, which has then read something; undefined where it cannot be run. */
async function started(
  each: Ready,
  { bootstrapServers, missing }: Place,
  topic: string,
  from: "earliest" | "latest",
): Promise<Running | undefined> {
  const groupId = `${topic}-${CONTENDERS.indexOf(each.contender)}-${Date.now()}`;
  try {
    const client = await ClientProcess.start(each.launch, { bootstrapServers, topic, groupId, from });
    return { ...each, client };
  } catch (error) {
    failed(each, missing, error);
    return undefined;
  }
}

function failed({ contender: { name } }: Ready, missing: Map<string, string>, error: unknown): void {
  missing.set(name, `could not be run: ${String(error)}`);
  console.log(`${name} could not be run: ${String(error)}`);
}

async function cpuTable(ready: readonly Ready[], place: Place, valueSize: number): Promise<Table> {
  const recordBytes = valueSize + KEY_BYTES;
  const most = Math.round(MAX_ROUND_BYTES / recordBytes);
  const rounds = WARM_ROUNDS + ROUNDS + (profiles === undefined ? 0 : 2);
  const total = most * rounds + Math.round(MARGIN_BYTES / recordBytes);
  const topic = await filled(place, valueSize, total);
  const running: Running[] = [];
  for (const each of ready) {
    const one = await started(each, place, topic, "earliest");
    if (one !== undefined) running.push(one);
  }
  try {
    const counts = new Map<Running, number>();
    const measured = new Map(running.map((each) => [each, [] as ReadSpent[]]));
    for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
      for (const each of inTurns(running, round)) {
        const spent = await each.client.ask<ReadSpent>({
          do: "read",
          count: counts.get(each) ?? WARM_RECORDS,
        });
        const { count, cpuUs, wallUs } = spent;
        if (round < WARM_ROUNDS) {
          const lasting = Math.round((count / wallUs) * ROUND_MS * 1000);
          counts.set(each, Math.min(Math.max(lasting, 1000), most));
        } else measured.get(each)?.push(spent);
        if (process.env["BENCH_VERBOSE"] !== undefined)
          console.log(each.contender.name, count, cpuUs / count, Math.round(wallUs / 1000));
      }
    }
    for (const { contender, client } of running) {
      if (profiles === undefined || contender.kind !== "kafkawire") continue;
      await mkdir(profiles, { recursive: true });
      const file = join(profiles, `${contender.name.replace(/\W+/g, "-")}-${valueSize}.cpuprofile`);
      await client.ask({ do: "profile", count: most * 2, file });
    }
    return compared(
      running.map((each) => {
        const spent = measured.get(each) ?? [];
        const cpu = spent.map(({ cpuUs, count }) => cpuUs / count);
        return {
          name: each.contender.name,
          kind: each.contender.kind,
          figures: {
            cpuUsPerRecord: median(cpu),
            bestRoundCpuUsPerRecord: Math.min(...cpu),
            recordsPerSecond: Math.round(median(spent.map(({ count, wallUs }) => count / (wallUs / 1e6)))),
          },
        };
      }),
      "cpuUsPerRecord",
    );
  } finally {
    for (const { client } of running) await client.close();
    await place.admin.deleteTopics({ topics: [topic] });
  }
}

async function latencyTable(ready: readonly Ready[], place: Place): Promise<Table> {
  const { bootstrapServers, node, version, missing } = place;
  const topic = await newTopic(place, "stream");
  const launch = await inNode("stream-producer.ts")(node, version);
  const stream = await ClientProcess.start(launch, { bootstrapServers, topic });
  const heard = new Map(ready.map((each) => [each, [] as Heard[]]));
  try {
    for (let round = 0; round < LATENCY_ROUNDS; round++) {
      for (const each of inTurns(ready, round)) {
        const running = await started(each, place, topic, "latest");
        if (running === undefined) continue;
        try {
          const command = { do: "listen", skip: LATENCY_SKIPPED, count: LATENCY_RECORDS };
          heard.get(each)?.push(await running.client.ask<Heard>(command));
        } catch (error) {
          failed(each, missing, error);
        } finally {
          await running.client.close();
        }
      }
    }
  } finally {
    await stream.close();
  }
  return compared(
    [...heard].flatMap(([{ contender }, rounds]) => {
      if (rounds.length === 0) return [];
      const all = rounds.flatMap(({ latenciesUs }) => latenciesUs);
      const figures = {
        p50Us: percentile(all, 0.5),
        p99Us: percentile(all, 0.99),
        bestRoundP50Us: Math.min(...rounds.map(({ latenciesUs }) => percentile(latenciesUs, 0.5))),
        bestRoundP99Us: Math.min(...rounds.map(({ latenciesUs }) => percentile(latenciesUs, 0.99))),
        cpuUsPerRecord: median(rounds.map(({ cpuUs, count }) => cpuUs / count)),
      };
      return [{ name: contender.name, kind: contender.kind, figures }];
    }),
    "p50Us",
  );
}

async function memoryTable(ready: readonly Ready[], place: Place): Promise<Table> {
  const topic = await filled(place, MEMORY_VALUE_SIZE, MEMORY_RECORDS);
  const rows = [];
  for (const each of ready) {
    const running = await started(each, place, topic, "earliest");
    if (running === undefined) continue;
    const { name, kind } = each.contender;
    try {
      const taken = await running.client.ask<Taken>({ do: "dawdle", ms: MEMORY_MS });
      const figures = {
        heapAndExternalMiB: taken.heapAndExternalBytes / 2 ** 20,
        residentMiB: taken.residentBytes / 2 ** 20,
        records: taken.count,
      };
      rows.push({ name, kind, figures });
    } catch (error) {
      failed(each, place.missing, error);
    } finally {
      await running.client.close();
    }
  }
  await place.admin.deleteTopics({ topics: [topic] });
  return compared(rows, "heapAndExternalMiB");
}

const given = process.env["KAFKA_BOOTSTRAP"];
const missing = new Map<string, string>();
const { ready, node, version } = await launches(CONTENDERS, only, missing);
const cluster: KafkaCluster | null =
  given === undefined ? await startCluster({ properties: { "log.segment.delete.delay.ms": "1000" } }) : null;
try {
  const bootstrapServers = given ?? cluster?.bootstrapServers.join(",") ?? "";
  const place: Place = { bootstrapServers, admin: await overseer(bootstrapServers), node, version, missing };
  const tables: Record<string, Table> = {};
  const loadAverages: Record<string, number | undefined> = {};
  const keep = (title: string, table: Table): void => {
    tables[title] = table;
    loadAverages[title] = loadavg()[0];
    print(title, table);
  };
  if (PARTS.includes("cpu")) {
    for (const valueSize of SIZES)
      keep(`values of ${valueSize} bytes`, await cpuTable(ready, place, valueSize));
  }
  if (PARTS.includes("latency")) keep("1,000 records a second", await latencyTable(ready, place));
  if (PARTS.includes("memory"))
    keep("values of 10 KB, 100,000 waiting, read slowly", await memoryTable(ready, place));
  console.log("\nload average at the end of each:", loadAverages);
  await place.admin.disconnect();
  if (isWhole) {
    const kept = {
      command: "npm run bench -- consume",
      runtime: `Node.js ${version}`,
      cpu: `${cpus().length} x ${cpus()[0]?.model}`,
      // With much more than there are processors, all figures are too high: caches are cold.
      loadAverages,
      kafka: cluster?.kafkaVersion ?? "given",
      measured:
        `processor time of the client's process for each record; medians of ${ROUNDS} rounds in turns; ` +
        "client and broker share the machine",
      notMeasured: Object.fromEntries(missing),
      tables,
    };
    await writeFile(
      new URL("../results/consume.json", import.meta.url),
      `${JSON.stringify(kept, null, 2)}\n`,
    );
  }
} finally {
  await cluster?.close();
}
process.exit();
