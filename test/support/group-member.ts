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
import type { Assignor } from "../../src/group/assignor.ts";
import { platform } from "../../src/platform/node.ts";
import { Ledger } from "./ledger.ts";

const REQUEST_TIMEOUT_MS = 30_000;

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
  /** Nothing is handed out: another one may have what is held. */
  #isSuspended = false;

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

  suspend(): void {
    this.#isSuspended = true;
    this.#ledger.release(this.name, this.#held);
  }

  resume(): void {
    this.#isSuspended = false;
    this.#ledger.take(this.name, this.#held);
  }

  async lose(partitions: readonly TopicPartition[]): Promise<void> {
    this.lines.push(`lose ${partitions.length}`);
    this.#drop(partitions);
  }

  async assign(added: readonly TopicPartition[]): Promise<void> {
    this.lines.push(`assign ${added.length}`);
    if (!this.#isSuspended) this.#ledger.take(this.name, added);
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
