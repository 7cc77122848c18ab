import { randomUUID } from "node:crypto";
import { ConsumerGroupHeartbeat } from "../../src/client/api.ts";
import { formatPartition, type TopicPartition } from "../../src/client/consumer/assignment.ts";
import { ClassicMembership } from "../../src/client/consumer/group/classic-membership.ts";
import { ConsumerMembership } from "../../src/client/consumer/group/consumer-membership.ts";
import { GroupCoordinator } from "../../src/client/consumer/group/group-coordinator.ts";
import type { Membership, MembershipHost, Subscription } from "../../src/client/consumer/group/membership.ts";
import { Deadline } from "../../src/client/retry.ts";
import type { Assignor } from "../../src/group/assignor.ts";
import { platform } from "../../src/platform/node.ts";
import type { Internals } from "./internals.ts";

/** What two members must never own at once; shared by the hosts of one group. */
export class Ownership {
  readonly #owners = new Map<string, string>();
  /** What was seen that must not be. */
  readonly violations: string[] = [];

  take(owner: string, partitions: readonly TopicPartition[]): void {
    for (const partition of partitions.map(formatPartition)) {
      const other = this.#owners.get(partition);
      if (other !== undefined) this.violations.push(`${owner} took ${partition} of ${other}`);
      this.#owners.set(partition, owner);
    }
  }

  give(owner: string, partitions: readonly TopicPartition[]): void {
    for (const partition of partitions.map(formatPartition)) {
      if (this.#owners.get(partition) === owner) this.#owners.delete(partition);
    }
  }

  get size(): number {
    return this.#owners.size;
  }
}

/** A consumer that reads nothing: it keeps what its membership tells it. */
export class GroupHost implements MembershipHost {
  readonly name = `member-${randomUUID().slice(0, 8)}`;
  readonly log: string[] = [];
  readonly failures: Error[] = [];
  readonly #ownership: Ownership;
  readonly #held = new Map<string, TopicPartition>();
  /** Nothing is handed out: another one may have what is held. */
  #isSuspended = false;
  /** What a revocation waits for, such as a handler that still runs. */
  busy: Promise<void> = Promise.resolve();

  constructor(ownership = new Ownership()) {
    this.#ownership = ownership;
  }

  /** `topic-partition`, sorted. */
  get held(): string[] {
    return [...this.#held.keys()].sort();
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#held.values()];
  }

  async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    await this.busy;
    this.#drop("revoke", partitions);
  }

  suspend(): void {
    this.log.push("suspend");
    this.#isSuspended = true;
    this.#ownership.give(this.name, this.assignment());
  }

  resume(): void {
    this.log.push("resume");
    this.#isSuspended = false;
    this.#ownership.take(this.name, this.assignment());
  }

  async lose(partitions: readonly TopicPartition[]): Promise<void> {
    this.#drop("lose", partitions);
  }

  async assign(added: readonly TopicPartition[]): Promise<void> {
    this.log.push(`assign ${added.map(formatPartition).sort().join(" ")}`.trimEnd());
    for (const each of added) this.#held.set(formatPartition(each), each);
    if (!this.#isSuspended) this.#ownership.take(this.name, added);
  }

  failed(error: Error): void {
    this.failures.push(error);
  }

  /** As when the application closes: everything is given up. */
  drop(): void {
    this.#drop("drop", this.assignment());
  }

  #drop(how: string, partitions: readonly TopicPartition[]): void {
    this.log.push(`${how} ${partitions.map(formatPartition).sort().join(" ")}`.trimEnd());
    for (const each of partitions) this.#held.delete(formatPartition(each));
    this.#ownership.give(this.name, partitions);
  }
}

/** How a member differs from the plainest one. */
export interface MemberOptions {
  readonly groupId: string;
  readonly subscription: Subscription;
  readonly ownership?: Ownership;
  readonly groupInstanceId?: string | null;
  readonly groupRemoteAssignor?: string | null;
  /** Makes it a member of the classic protocol. */
  readonly assignors?: readonly Assignor[];
  readonly maxPollIntervalMs?: number;
  readonly sessionTimeoutMs?: number;
  readonly rackId?: string | null;
}

/** A member of a consumer group, without a consumer. */
export class TestMember {
  readonly host: GroupHost;
  readonly membership: Membership;
  readonly lines: string[] = [];
  readonly #coordinator: GroupCoordinator;

  constructor({ internals, coordinators }: Internals, options: MemberOptions) {
    const { groupId, subscription, ownership, sessionTimeoutMs } = options;
    this.host = new GroupHost(ownership);
    this.#coordinator = new GroupCoordinator(internals, coordinators, groupId, 30_000);
    const tell =
      (level: string) =>
      (line: string): void =>
        void this.lines.push(`${level} ${line}`);
    const { groupInstanceId = null, groupRemoteAssignor = null, maxPollIntervalMs = 30_000 } = options;
    const shared = {
      cluster: internals,
      coordinator: this.#coordinator,
      host: this.host,
      logger: { debug: tell("debug"), info: tell("info"), warn: tell("warn"), error: tell("error") },
      rackId: options.rackId ?? null,
    };
    this.membership =
      options.assignors === undefined
        ? new ConsumerMembership({
            ...shared,
            config: { groupInstanceId, groupRemoteAssignor, maxPollIntervalMs },
            ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
          })
        : new ClassicMembership({
            ...shared,
            config: { groupInstanceId, maxPollIntervalMs, sessionTimeoutMs: 6000, heartbeatIntervalMs: 250 },
            requestTimeoutMs: 30_000,
            metadataMaxAgeMs: 300_000,
            assignors: options.assignors,
          });
    this.membership.subscribe(subscription);
  }

  get held(): string[] {
    return this.host.held;
  }

  get state(): string {
    return this.membership.state;
  }

  /** Leaves in order, as a consumer that is closed. */
  async close(staysMember = true, timeoutMs = 10_000): Promise<void> {
    this.host.drop();
    const deadline = new Deadline(platform.clock, timeoutMs);
    await this.membership.leave({ deadline, reason: "the test is over", staysMember });
    this.#end();
  }

  /** Has the coordinator take the member out, as an administrator would. */
  async removeBy({ coordinators, internals, deadline }: Internals, groupId: string): Promise<void> {
    const nodeId = await coordinators.find("group", groupId, { deadline });
    const { memberId } = this.membership.metadata;
    const leaving = { groupId, memberId, memberEpoch: -1 };
    await internals.request(nodeId, ConsumerGroupHeartbeat, leaving, { timeoutMs: 10_000 });
  }

  /** Ends without a word, as a process that is killed. */
  kill(): void {
    this.host.drop();
    this.#end();
  }

  #end(): void {
    const cause = new Error("the member has ended");
    this.membership.abandon(cause);
    this.#coordinator.close(cause);
  }
}

/** Names of all partitions of a topic, as hosts show them. */
export function partitionsOf(topic: string, count: number): string[] {
  return Array.from({ length: count }, (_, partition) => formatPartition({ topic, partition })).sort();
}
