/** A group that reads a topic to which records come at a steady pace, while its members come, go and are killed. */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka } from "kafkawire";
import { expect } from "vitest";
import { withInternals } from "../internals.ts";
import { NumberedStream } from "../numbered-stream.ts";
import { type EndOfAssignment, GroupLog } from "./group-log.ts";
import type { GroupMember, GroupMemberOptions, KillableMember } from "./group-member.ts";
import { KafkawireMember, WAYS_TO_READ } from "./kafkawire-member.ts";
import { KcatMember } from "./kcat-member.ts";
import { killableMember } from "./member-process.ts";

export interface BusyGroupOptions {
  /** As members reach the brokers, and as those do that are to be spared what befalls the members. */
  readonly bootstrapServers: readonly string[];
  readonly producerServers: readonly string[];
  readonly client: "kafkawire" | "kcat";
  readonly protocol: Pick<GroupMemberOptions, "groupProtocol" | "assignor">;
  readonly recordsPerSecond: number;
}

export const SESSION_TIMEOUT_MS = 6_000;
const MEMBERS = 3;
/** How long a member that is to be killed may take until it reads. */
const VICTIM_MS = 10_000;
const AUTO_COMMIT_INTERVAL_MS = 1_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** How long members took to go, and what a run of the group came to. */
export interface Toll {
  readonly delivered: number;
  /** Delivered, and read by nobody. */
  readonly unread: number;
  /** The longest from a record's acknowledgement to its first reading. */
  readonly longestStallMs: number;
  /** Records that were read again, by how the assignment ended in which they had been read; `held`: it had not. */
  readonly redelivered: Readonly<Record<EndOfAssignment | "held", number>>;
  readonly joined: number;
  readonly left: number;
  readonly killed: number;
  readonly slowestLeaveMs: number;
}

export class BusyGroup {
  readonly log: GroupLog;
  readonly stream: NumberedStream;
  readonly groupId = `busy-${randomUUID()}`;
  readonly #options: BusyGroupOptions;
  readonly #producing: Kafka;
  readonly #members = new Set<GroupMember>();
  #joined = 0;
  #left = 0;
  #killed = 0;
  #slowestLeaveMs = 0;

  private constructor(stream: NumberedStream, producing: Kafka, options: BusyGroupOptions) {
    this.stream = stream;
    this.log = new GroupLog(stream.partitions);
    this.#producing = producing;
    this.#options = options;
  }

  /** Three members, who share all partitions by then. */
  static async start(options: BusyGroupOptions): Promise<BusyGroup> {
    const { producerServers, recordsPerSecond } = options;
    const producing = new Kafka({ bootstrapServers: [...producerServers], logger: silent });
    const stream = await NumberedStream.start(producing, { recordsPerSecond, producer: { lingerMs: 5 } });
    const group = new BusyGroup(stream, producing, options);
    for (let i = 0; i < MEMBERS; i++) group.join();
    await group.whole();
    return group;
  }

  /** One more, with another way to read than the one before. */
  join(): GroupMember {
    const log = this.log.member(`${this.#options.client}-${this.#joined}`);
    const way = WAYS_TO_READ[this.#joined % WAYS_TO_READ.length] ?? "records";
    const member =
      this.#options.client === "kcat"
        ? new KcatMember(log, this.#memberOptions)
        : new KafkawireMember(log, { ...this.#memberOptions, way });
    this.#members.add(member);
    this.#joined++;
    return member;
  }

  /** One more, in a process of its own. */
  joinToBeKilled(): KillableMember {
    const log = this.log.member(`${this.#options.client}-${this.#joined}`);
    this.#joined++;
    return this.#options.client === "kcat"
      ? new KcatMember(log, this.#memberOptions)
      : killableMember(log, this.#memberOptions);
  }

  async leave(member: GroupMember): Promise<void> {
    const startMs = performance.now();
    this.#members.delete(member);
    await member.leave();
    this.#slowestLeaveMs = Math.max(this.#slowestLeaveMs, performance.now() - startMs);
    this.#left++;
  }

  async kill(member: KillableMember): Promise<void> {
    await member.kill();
    this.#killed++;
  }

  /** Resolves once the members share all partitions, and records of each are read by whoever has it. */
  async whole(timeoutMs = this.#patienceMs): Promise<void> {
    await this.log.untilWhole(timeoutMs);
    await this.log.untilAllRead(timeoutMs);
  }

  /** Resolves once some record of every partition was read that is sent from now on. */
  async progress(timeoutMs = this.#patienceMs): Promise<void> {
    const next = this.stream.outcomes.length;
    const isRead = (partition: number): boolean => {
      for (let number = next; number < this.stream.outcomes.length; number++) {
        if (number % this.stream.partitions === partition && this.log.firstReadMs[number] !== undefined)
          return true;
      }
      return false;
    };
    const waiting = (): number[] =>
      Array.from({ length: this.stream.partitions }, (_, i) => i).filter((i) => !isRead(i));
    await expect.poll(waiting, { timeout: timeoutMs, interval: 50 }).toEqual([]);
  }

  /** Node id of the broker that coordinates the group. */
  async coordinator(): Promise<number> {
    let found = -1;
    await withInternals(this.#options.producerServers, async ({ coordinators, deadline }) => {
      found = await coordinators.find("group", this.groupId, { deadline });
    });
    return found;
  }

  /** Resolves once a member has read something, or may not be able to. */
  async #untilReads({ name }: GroupMember): Promise<void> {
    const log = this.log.members.find((each) => each.name === name);
    const endMs = performance.now() + VICTIM_MS;
    const hasRead = (): boolean => [...(log?.tenures.values() ?? [])].some(({ records }) => records > 0);
    while (!hasRead() && performance.now() < endMs) await sleep(20);
  }

  /** Has members join, leave and be killed until it is told to end; at least one of each. */
  churn(everyMs: number): { readonly end: () => Promise<void> } {
    let isOver = false;
    let done = 0;
    const steps = async (): Promise<void> => {
      do {
        const guest = this.join();
        await sleep(everyMs);
        const victim = this.joinToBeKilled();
        await sleep(everyMs);
        await this.leave(guest);
        await this.#untilReads(victim);
        await sleep(everyMs);
        await this.kill(victim);
        done++;
        await sleep(everyMs);
      } while (!isOver);
    };
    const churning = steps();
    churning.catch(() => {});
    return {
      end: async () => {
        isOver = true;
        await churning;
        expect(done).toBeGreaterThan(0);
      },
    };
  }

  /** Ends the records, has them all read, and then the members leave. */
  async end(spared: ReadonlySet<number> | null): Promise<Toll> {
    await this.stream.stop();
    const delivered = this.stream.deliveredMs.flatMap((ms, number) => (ms === undefined ? [] : [number]));
    const unread = (): number =>
      delivered.filter((number) => this.log.firstReadMs[number] === undefined).length;
    // What is still unread after that is in the toll.
    await expect
      .poll(unread, { timeout: 30_000, interval: 50 })
      .toBe(0)
      .catch(() => {});
    await this.close();
    let longestStallMs = 0;
    for (const number of delivered) {
      if (!(spared?.has(number % this.stream.partitions) ?? true)) continue;
      const readMs = this.log.firstReadMs[number] ?? Number.POSITIVE_INFINITY;
      longestStallMs = Math.max(longestStallMs, readMs - (this.stream.deliveredMs[number] as number));
    }
    const redelivered = { revoked: 0, lost: 0, killed: 0, held: 0 };
    for (const { before } of this.log.redeliveries) redelivered[before.end ?? "held"]++;
    return {
      delivered: delivered.length,
      unread: unread(),
      longestStallMs: Math.round(longestStallMs),
      redelivered,
      joined: this.#joined,
      left: this.#left,
      killed: this.#killed,
      slowestLeaveMs: Math.round(this.#slowestLeaveMs),
    };
  }

  /** Everybody leaves. */
  async close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.leave()));
    this.#members.clear();
    await this.#producing.close();
  }

  /** librdkafka waits a minute until it takes a connection for dead, and for some one after another. */
  get #patienceMs(): number {
    return this.#options.client === "kcat" ? 180_000 : 60_000;
  }

  get #memberOptions(): GroupMemberOptions {
    return {
      ...this.#options.protocol,
      bootstrapServers: this.#options.bootstrapServers,
      groupId: this.groupId,
      topic: this.stream.topic,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      heartbeatIntervalMs: 1_000,
      autoCommitIntervalMs: AUTO_COMMIT_INTERVAL_MS,
    };
  }
}
