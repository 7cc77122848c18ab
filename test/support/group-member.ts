/** Members of real groups without consumers around them: hosts that only keep what they are told. */

import { Cluster } from "../../src/client/cluster.ts";
import type { TopicPartition } from "../../src/client/consumer/assignment.ts";
import { ClassicMembership } from "../../src/client/consumer/group/classic-membership.ts";
import { GroupCoordinator } from "../../src/client/consumer/group/group-coordinator.ts";
import type { MembershipHost } from "../../src/client/consumer/group/membership.ts";
import { Coordinators } from "../../src/client/coordinators.ts";
import { parseEndpoint } from "../../src/client/endpoint.ts";
import { ClosedError } from "../../src/client/errors.ts";
import { Deadline } from "../../src/client/retry.ts";
import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../../src/group/assignor.ts";
import { platform } from "../../src/platform/node.ts";

const REQUEST_TIMEOUT_MS = 30_000;

/** Who holds which partition of a group, over all its members: no two may hold one at the same time. */
export class Ledger {
  readonly #holders = new Map<string, string>();
  readonly violations: string[] = [];

  take(member: string, partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const key = `${topic}-${partition}`;
      const holder = this.#holders.get(key);
      if (holder !== undefined) this.violations.push(`${member} got ${key}, which ${holder} holds`);
      this.#holders.set(key, member);
    }
  }

  release(member: string, partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const key = `${topic}-${partition}`;
      if (this.#holders.get(key) === member) this.#holders.delete(key);
    }
  }

  /** How many partitions each member holds, sorted. */
  get shares(): number[] {
    const counts = new Map<string, number>();
    for (const holder of this.#holders.values()) counts.set(holder, (counts.get(holder) ?? 0) + 1);
    return [...counts.values()].sort((a, b) => a - b);
  }

  get size(): number {
    return this.#holders.size;
  }
}

export interface MemberOptions {
  readonly bootstrapServers: readonly string[];
  readonly groupId: string;
  readonly assignors: readonly Assignor[];
  readonly ledger?: Ledger;
  readonly groupInstanceId?: string | null;
  readonly sessionTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
  readonly maxPollIntervalMs?: number;
  readonly rackId?: string | null;
  readonly logs?: string[];
}

/** What a host was told, in short: "assign 3", "revoke 3", "lose 3". */
export type HostLine = `${"assign" | "revoke" | "lose"} ${number}`;

let members = 0;

export class TestMember implements MembershipHost {
  readonly name: string;
  readonly membership: ClassicMembership;
  readonly cluster: Cluster;
  readonly lines: HostLine[] = [];
  readonly errors: Error[] = [];
  /** Awaited by `revoke`, as the work of an application would be. */
  beforeRevoked: () => Promise<void> = async () => {};
  readonly #coordinator: GroupCoordinator;
  readonly #ledger: Ledger;
  #held: readonly TopicPartition[] = [];

  constructor(options: MemberOptions) {
    this.name = `member ${++members}`;
    this.#ledger = options.ledger ?? new Ledger();
    const log = (line: string): void => void options.logs?.push(`${this.name}: ${line}`);
    const logger = { debug: log, info: log, warn: log, error: log };
    this.cluster = new Cluster({
      platform,
      tls: null,
      clientId: this.name.replace(" ", "-"),
      software: { name: "kafkawire", version: "0" },
      logger,
      bootstrapServers: options.bootstrapServers.map(parseEndpoint),
      setupTimeout: { initialMs: 10_000, maxMs: 30_000 },
      maxInFlight: 5,
      maxFrameSize: 1 << 24,
      reconnectBackoff: { initialMs: 50, maxMs: 1000 },
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      metadataMaxAgeMs: 300_000,
      metadataRecoveryStrategy: "rebootstrap",
      retryBackoff: { initialMs: 100, maxMs: 1000 },
      allowAutoCreateTopics: false,
    });
    const coordinators = new Coordinators(this.cluster, REQUEST_TIMEOUT_MS);
    this.#coordinator = new GroupCoordinator(this.cluster, coordinators, options.groupId, REQUEST_TIMEOUT_MS);
    this.membership = new ClassicMembership({
      cluster: this.cluster,
      coordinator: this.#coordinator,
      config: {
        groupInstanceId: options.groupInstanceId ?? null,
        sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
        heartbeatIntervalMs: options.heartbeatIntervalMs ?? 300,
        maxPollIntervalMs: options.maxPollIntervalMs ?? 60_000,
      },
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      metadataMaxAgeMs: 300_000,
      assignors: options.assignors,
      host: this,
      logger,
      rackId: options.rackId ?? null,
    });
  }

  subscribe(...topics: string[]): this {
    this.membership.subscribe({ topics: [...topics].sort(), pattern: null });
    return this;
  }

  assignment(): readonly TopicPartition[] {
    return this.#held;
  }

  async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    await this.beforeRevoked();
    this.lines.push(`revoke ${partitions.length}`);
    this.#drop(partitions);
  }

  async lose(partitions: readonly TopicPartition[]): Promise<void> {
    this.lines.push(`lose ${partitions.length}`);
    this.#drop(partitions);
  }

  async assign(added: readonly TopicPartition[]): Promise<void> {
    this.lines.push(`assign ${added.length}`);
    this.#ledger.take(this.name, added);
    this.#held = [...this.#held, ...added];
  }

  failed(error: Error): void {
    this.errors.push(error);
  }

  /** Gives up what it holds, leaves and closes. */
  async leave(staysMember = false): Promise<void> {
    this.#drop(this.#held);
    const deadline = new Deadline(this.cluster.clock, 10_000);
    await this.membership.leave({ deadline, reason: "the test is over", staysMember });
    this.#close();
  }

  /** Is gone without a word. */
  vanish(): void {
    this.membership.abandon(new Error("the test ends it"));
    this.#drop(this.#held);
    this.#close();
  }

  #close(): void {
    this.#coordinator.close(new ClosedError("member"));
    this.cluster.close();
  }

  #drop(partitions: readonly TopicPartition[]): void {
    this.#ledger.release(this.name, partitions);
    const gone = new Set(partitions.map(({ topic, partition }) => `${topic}-${partition}`));
    this.#held = this.#held.filter(({ topic, partition }) => !gone.has(`${topic}-${partition}`));
  }
}

/** Deals partitions out in turn; where it is cooperative, it takes away first what a member has too much of. */
export function dealer(rebalanceProtocol: Assignor["rebalanceProtocol"], name: string): Assignor {
  return {
    name,
    rebalanceProtocol,
    assign(members, topics) {
      const dealt = deal(members, topics);
      return rebalanceProtocol === "eager" ? dealt : withoutOwned(dealt, members);
    },
  };
}

function deal(
  members: readonly GroupMember[],
  topics: ReadonlyMap<string, TopicLayout>,
): Map<string, { partitions: Map<string, number[]> }> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const dealt = new Map(
    sorted.map(({ memberId }) => [memberId, { partitions: new Map<string, number[]>() }]),
  );
  const owners = new Map<string, string>();
  for (const { memberId, subscription } of sorted) {
    for (const { topic, partitions } of subscription.ownedPartitions)
      for (const partition of partitions) owners.set(`${topic} ${partition}`, memberId);
  }
  const sizes = new Map(sorted.map(({ memberId }) => [memberId, 0]));
  const total = [...topics.values()].reduce((sum, { partitions }) => sum + partitions, 0);
  const most = Math.ceil(total / Math.max(1, sorted.length));
  for (const [topic, { partitions }] of topics) {
    const wanting = sorted.filter(({ subscription }) => subscription.topics.includes(topic));
    for (let partition = 0; partition < partitions && wanting.length > 0; partition++) {
      const size = (memberId: string): number => sizes.get(memberId) ?? 0;
      const owner = wanting.find(({ memberId }) => owners.get(`${topic} ${partition}`) === memberId);
      const least = wanting.reduce((a, b) => (size(b.memberId) < size(a.memberId) ? b : a));
      const { memberId } = owner !== undefined && size(owner.memberId) < most ? owner : least;
      sizes.set(memberId, size(memberId) + 1);
      const of = dealt.get(memberId)?.partitions;
      of?.set(topic, [...(of.get(topic) ?? []), partition]);
    }
  }
  return dealt;
}

function withoutOwned(
  dealt: ReadonlyMap<string, { readonly partitions: Map<string, number[]> }>,
  members: readonly GroupMember[],
): Map<string, MemberAssignment> {
  const owners = new Map<string, { memberId: string; generationId: number }>();
  for (const { memberId, subscription } of members) {
    for (const { topic, partitions } of subscription.ownedPartitions) {
      for (const partition of partitions) {
        const key = `${topic} ${partition}`;
        const { generationId } = subscription;
        if ((owners.get(key)?.generationId ?? -2) < generationId) owners.set(key, { memberId, generationId });
      }
    }
  }
  return new Map(
    Array.from(dealt, ([memberId, { partitions }]) => {
      const free = Array.from(partitions, ([topic, numbers]): [string, number[]] => [
        topic,
        numbers.filter((partition) => {
          const owner = owners.get(`${topic} ${partition}`);
          return owner === undefined || owner.memberId === memberId;
        }),
      ]);
      return [memberId, { partitions: new Map(free) }];
    }),
  );
}
