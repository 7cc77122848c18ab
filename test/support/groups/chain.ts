/** Groups in series: each reads a topic and writes what it read to the next one, while members come, go and are killed. */

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Consumer, Kafka } from "kafkawire";
import { committedOffsets } from "../committed.ts";
import { createTopic } from "../topics.ts";
import { judgeStage, type Killed, readLog, type StageVerdict } from "./chain-log.ts";
import { Forwarder, type ForwarderOptions } from "./forwarder.ts";
import type { GroupMemberOptions } from "./group-member.ts";
import { numberOf, WAYS_TO_READ } from "./kafkawire-member.ts";

export interface ChainOptions {
  readonly bootstrapServers: readonly string[];
  readonly protocol: Pick<GroupMemberOptions, "groupProtocol" | "assignor">;
  readonly records: number;
  readonly recordsPerSecond: number;
  /** What happens to each stage in turn, over and over. */
  readonly changes: readonly Change[];
  /** How many records come through the chain from one of these to the next. */
  readonly changeEvery: number;
  readonly sessionTimeoutMs: number;
  /** How many are on their way at most, so that all groups have something to do for the whole time. */
  readonly ahead: number;
}

export type Change = "join" | "leave" | "kill";

/** What a chain came to. */
export interface ChainReport {
  readonly stages: readonly StageVerdict[];
  readonly joined: number;
  readonly left: number;
  readonly killed: number;
  /** Generations (or epochs) that its groups went through, altogether. */
  readonly rebalances: number;
  readonly seconds: number;
}

const STAGES = 3;
const PARTITIONS = 8;
const KEYS = 400;
const MEMBERS_AT_FIRST = 2;
/** How long a member that is to be killed may take until it forwards something. */
const VICTIM_MS = 15_000;
/** Records are handed over so often. */
const TICK_MS = 10;
/** What has not come after nothing has for so long is lost: longer than a session, and a rebalance. */
const SILENCE_MS = 30_000;
const PROGRAM = fileURLToPath(new URL("../../integration/programs/forwarder.ts", import.meta.url));
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** One group, and the topics before and behind it. */
class Stage {
  readonly killed: Killed[] = [];
  joined = 0;
  left = 0;
  readonly #groupId = `chain-${randomUUID()}`;
  readonly #generations = new Set<number>();
  readonly #members: Forwarder[] = [];
  readonly #options: ChainOptions;
  readonly #index: number;
  readonly #from: string;
  readonly #to: string;

  constructor(options: ChainOptions, index: number, from: string, to: string) {
    this.#options = options;
    this.#index = index;
    this.#from = from;
    this.#to = to;
  }

  get rebalances(): number {
    for (const { generations } of this.#members) for (const each of generations) this.#generations.add(each);
    return this.#generations.size;
  }

  join(): void {
    this.#members.push(new Forwarder(this.#next()));
  }

  /** The one that has been there for longest goes. */
  async leave(): Promise<void> {
    await this.#part(this.#members.shift());
  }

  /** One joins, and is killed once it has forwarded something. */
  async kill(): Promise<void> {
    const options = this.#next();
    const child = spawn(process.execPath, ["--import", "tsx", PROGRAM, JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const forwards = once(createInterface({ input: child.stdout }), "line");
    await Promise.race([forwards, exited, sleep(VICTIM_MS)]);
    // Somewhere between two commits.
    await Promise.race([sleep(300 + ((this.joined * 137) % 700)), exited]);
    child.kill("SIGKILL");
    const [code] = await exited;
    if (code !== null) throw new Error(`${options.name} ended by itself, with ${code}`);
    // Its session goes on, so that nobody else commits for its partitions yet.
    const { bootstrapServers } = this.#options;
    const committed = await committedOffsets(bootstrapServers, this.#groupId, this.#from, PARTITIONS);
    this.killed.push({ name: options.name, committed: committed.map(Number) });
  }

  async end(): Promise<void> {
    await Promise.all(this.#members.splice(0).map((member) => this.#part(member)));
  }

  async judge(): Promise<StageVerdict> {
    const { bootstrapServers } = this.#options;
    const input = await readLog(bootstrapServers, this.#from);
    return judgeStage(input, await readLog(bootstrapServers, this.#to), this.killed);
  }

  async #part(member: Forwarder | undefined): Promise<void> {
    if (member === undefined) return;
    await member.leave();
    for (const generation of member.generations) this.#generations.add(generation);
    this.left++;
  }

  #next(): ForwarderOptions {
    const way = WAYS_TO_READ[(this.joined + this.#index) % WAYS_TO_READ.length] ?? "records";
    return {
      name: `stage${this.#index}-${this.joined++}-${way}`,
      way,
      ...this.#options.protocol,
      bootstrapServers: this.#options.bootstrapServers,
      groupId: this.#groupId,
      topic: this.#from,
      to: this.#to,
      sessionTimeoutMs: this.#options.sessionTimeoutMs,
      heartbeatIntervalMs: 500,
      autoCommitIntervalMs: 1_000,
    };
  }
}

/** Sends records through the chain, and says what came out of it. */
export async function runChain(options: ChainOptions): Promise<ChainReport> {
  const { bootstrapServers, changes, changeEvery, records } = options;
  await using kafka = new Kafka({ bootstrapServers: [...bootstrapServers], logger: silent });
  const topics: string[] = [];
  for (let i = 0; i <= STAGES; i++) {
    // The time of the broker, by which stalls show.
    topics.push(await createTopic(kafka, PARTITIONS, { "message.timestamp.type": "LogAppendTime" }));
  }
  const stages = topics.slice(1).map((to, i) => new Stage(options, i, topics[i] as string, to));
  const startMs = performance.now();
  for (const stage of stages) for (let i = 0; i < MEMBERS_AT_FIRST; i++) stage.join();
  const arrival = await Arrival.watch(kafka, topics[STAGES] as string, records);
  const sending = send(kafka, topics[0] as string, options, arrival);
  try {
    for (let i = 0; await arrival.reaches((i + 1) * changeEvery); i++) {
      const stage = stages[i % STAGES] as Stage;
      await stage[changes[Math.floor(i / STAGES) % changes.length] as Change]();
    }
  } finally {
    await arrival.end();
    await sending;
    await Promise.all(stages.map((stage) => stage.end()));
  }
  const seconds = Math.round((performance.now() - startMs) / 100) / 10;
  const verdicts: StageVerdict[] = [];
  for (const stage of stages) verdicts.push(await stage.judge());
  const sum = (count: (stage: Stage) => number): number =>
    stages.reduce((all, stage) => all + count(stage), 0);
  return {
    stages: verdicts,
    joined: sum(({ joined }) => joined),
    left: sum(({ left }) => left),
    killed: sum(({ killed }) => killed.length),
    rebalances: sum(({ rebalances }) => rebalances),
    seconds,
  };
}

async function send(kafka: Kafka, topic: string, options: ChainOptions, arrival: Arrival): Promise<void> {
  const { ahead, records, recordsPerSecond } = options;
  await using producer = kafka.producer({ lingerMs: 5 });
  const sends: Promise<unknown>[] = [];
  let due = 0;
  for (let number = 0; number < records && !arrival.isOver; ) {
    due += (recordsPerSecond * TICK_MS) / 1000;
    const end = Math.min(records, due, arrival.count + ahead);
    for (; number < end; number++) {
      sends.push(producer.send({ topic, key: `key ${number % KEYS}`, value: String(number) }));
    }
    due = number;
    await sleep(TICK_MS);
  }
  await Promise.all(sends);
}

/** Counts the records that have come through. */
class Arrival {
  readonly #consumer: Consumer;
  readonly #seen: Uint8Array;
  readonly #reading: Promise<void>;
  /** How many there are, each counted once. */
  count = 0;
  /** Nobody waits any more. */
  isOver = false;
  #lastMs = performance.now();

  private constructor(consumer: Consumer, records: number) {
    this.#consumer = consumer;
    this.#seen = new Uint8Array(records);
    this.#reading = this.#read();
    // Awaited in `end`.
    this.#reading.catch(() => {});
  }

  static async watch(kafka: Kafka, topic: string, records: number): Promise<Arrival> {
    const consumer = kafka.consumer();
    consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
    return new Arrival(consumer, records);
  }

  /**
   * Resolves once so many have come: true unless those are all. False, too, when nothing comes any more; what is missing
   * then shows in the verdicts.
   */
  async reaches(count: number): Promise<boolean> {
    const wanted = Math.min(count, this.#seen.length);
    while (this.count < wanted && performance.now() - this.#lastMs < SILENCE_MS) await sleep(TICK_MS);
    return this.count >= wanted && count < this.#seen.length;
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.#consumer.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const { value } of this.#consumer) {
      const number = numberOf(value);
      if (this.#seen[number] !== 0) continue;
      this.#seen[number] = 1;
      this.#lastMs = performance.now();
      this.count++;
    }
  }
}
