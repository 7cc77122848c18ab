/** What a consumer with a `groupId` has beside its reading: commits, committed offsets, and memberships. */

import type { Assignor } from "../../../group/assignor.ts";
import type { Cluster } from "../../cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-config.ts";
import type { Coordinators } from "../../coordinators.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { OffsetToCommit } from "../../offset-to-commit.ts";
import type { Backoff, Deadline } from "../../retry.ts";
import type { TopicPartition } from "../assignment.ts";
import { type ChosenAssignor, chooseAssignors } from "../assignment-strategy.ts";
import { AutoCommit } from "../offsets/auto-commit.ts";
import { OffsetCommitter } from "../offsets/offset-committer.ts";
import type { Progress } from "../progress.ts";
import type { Reading } from "../reading.ts";
import { StartOffsets } from "../start-offsets.ts";
import { GroupCoordinator } from "./group-coordinator.ts";
import type { Membership, MembershipHost } from "./membership.ts";
import { makeAssignors, newClassicMembership, newConsumerMembership } from "./new-membership.ts";

/** What a group needs of its consumer. */
export interface ConsumerGroupParts {
  readonly cluster: Cluster;
  readonly coordinators: Coordinators;
  readonly config: ResolvedConsumerConfig;
  readonly requestTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly defaultApiTimeoutMs: number;
  readonly retryBackoff: Backoff;
  readonly logger: Logger;
  readonly reading: Reading<unknown, unknown>;
  readonly progress: Progress;
  readonly membership: () => Membership | null;
}

/** How a commit is made. */
interface CommitOptions {
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
}

export class ConsumerGroup {
  readonly groupId: string;
  readonly committer: OffsetCommitter;
  readonly #parts: ConsumerGroupParts;
  readonly #coordinator: GroupCoordinator;
  readonly #starts: StartOffsets;
  /** They may remember what the consumer was given, from one membership to the next. */
  #assignors: Promise<readonly Assignor[]> | null = null;
  readonly #chosen: readonly ChosenAssignor[];
  /** Null where the application commits by itself. */
  readonly #autoCommit: AutoCommit | null;

  constructor(groupId: string, parts: ConsumerGroupParts) {
    const { cluster, config, coordinators, logger, membership, progress, requestTimeoutMs } = parts;
    this.groupId = groupId;
    this.#parts = parts;
    this.#coordinator = new GroupCoordinator(cluster, coordinators, groupId, requestTimeoutMs);
    this.committer = new OffsetCommitter({
      cluster,
      coordinator: this.#coordinator,
      config,
      membership,
      holdOn: (partition) => parts.reading.fetcher.state(partition),
      logger,
      observability: cluster.observability,
    });
    this.#chosen = chooseAssignors(config.partitionAssignmentStrategy);
    this.#starts = new StartOffsets({ ...parts, groupId, committer: this.committer });
    this.#autoCommit = config.enableAutoCommit
      ? new AutoCommit({
          clock: cluster.clock,
          intervalMs: config.autoCommitIntervalMs,
          timeoutMs: parts.defaultApiTimeoutMs,
          retryBackoff: parts.retryBackoff,
          dirty: () => progress.uncommitted(),
          commit: (offsets, deadline) => this.commit(offsets, { deadline }),
          onError: (error) =>
            logger.warn(`Offsets of group "${groupId}" were not committed: ${messageOf(error)}`),
        })
      : null;
  }

  /** A membership in the protocol that the settings name. */
  async newMembership(host: MembershipHost): Promise<Membership> {
    const { cluster, config, logger, metadataMaxAgeMs, requestTimeoutMs } = this.#parts;
    const rackId = config.clientRack === "" ? null : config.clientRack;
    const parts = {
      cluster,
      config,
      coordinator: this.#coordinator,
      host,
      logger,
      metadataMaxAgeMs,
      rackId,
      requestTimeoutMs,
    };
    if (config.groupProtocol === "consumer") return newConsumerMembership(parts);
    this.#assignors ??= makeAssignors(this.#chosen);
    return newClassicMembership(parts, await this.#assignors);
  }

  /** Finds out where partitions begin that were added without a place. Never rejects. */
  findStart(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#starts.find(partitions);
  }

  /** @throws CommitError */
  async commit(offsets: readonly OffsetToCommit[], options: CommitOptions): Promise<void> {
    if (offsets.length === 0) return;
    await this.committer.commit(offsets, options);
    this.#parts.progress.committed(offsets);
  }

  startAutoCommit(): void {
    this.#autoCommit?.start();
  }

  stopAutoCommit(): void {
    this.#autoCommit?.stop();
  }

  /** Commits what was processed, if the consumer does that by itself. Never rejects. */
  async commitProcessed(deadline: Deadline): Promise<void> {
    await this.#autoCommit?.commitNow(deadline);
  }

  /** Ends all that is under way. */
  close(reason: Error): void {
    this.#autoCommit?.stop();
    this.committer.close(reason);
    this.#coordinator.close(reason);
  }
}
