/**
 * The groups of the consumer protocol (KIP-848) among the groups of a cluster: which request makes one, what they go
 * by, and how they are brought back from their records.
 */

import type { Clock } from "../../../platform/platform.ts";
import type { GroupCoordinatorRecord } from "../../../protocol/coordinator-records/group-coordinator.ts";
import type { Uuid } from "../../../protocol/uuid.ts";
import type { ClusterState } from "../../cluster-state.ts";
import { listOf } from "../../config/config-definition.ts";
import { Refusal } from "../../error-code.ts";
import { ClassicGroup } from "../classic/classic-group.ts";
import { classicRecord } from "../classic/classic-records.ts";
import type { CoordinatorRecord } from "../coordinator-topics.ts";
import type { GroupCoordinator, GroupLoader } from "../group-coordinator.ts";
import { rangeAssignor } from "./assignors/range.ts";
import type { ServerAssignor } from "./assignors/server-assignor.ts";
import { uniformAssignor } from "./assignors/uniform.ts";
import { ConsumerGroup, type GroupKeeper } from "./consumer-group.ts";
import { changeOf } from "./group-change-records.ts";
import { groupSettings } from "./group-settings.ts";
import type { TopicsView } from "./group-state.ts";
import { checkHeartbeat, type Heartbeat, type HeartbeatAnswer } from "./heartbeat.ts";
import { JOINS, LEAVES, LEAVES_FOR_A_WHILE, type Member } from "./member.ts";
import { classicStateOf, membersOf, migrations, takeOverClassic } from "./migration.ts";
import { compilePattern } from "./re2.ts";
import type { Surroundings } from "./transition.ts";

export class ConsumerGroups implements GroupLoader, GroupKeeper {
  readonly clock: Clock;
  readonly firstEpoch: number;
  readonly checksPartitionEpochs: boolean;
  readonly #cluster: ClusterState;
  readonly #coordinator: GroupCoordinator;
  readonly topics: TopicsView;
  #topicIds: ReadonlySet<Uuid> = new Set();
  /** Counts the times that topics were made. */
  #topicsVersion = 1;

  constructor(cluster: ClusterState, coordinator: GroupCoordinator) {
    this.clock = cluster.clock;
    const { firstEpoch, checksPartitionEpochs } = cluster.release.consumerGroups;
    this.firstEpoch = firstEpoch;
    this.checksPartitionEpochs = checksPartitionEpochs;
    this.#cluster = cluster;
    this.#coordinator = coordinator;
    this.topics = topicsOf(cluster);
    coordinator.loaders.push(this);
    cluster.listen({ onMetadataChanged: () => this.#metadataChanged() });
  }

  /**
   * A member joins, stays or leaves.
   *
   * @param needsMemberId whether members make their ids themselves (KIP-1082)
   * @returns what it is told; null where it has left
   * @throws Refusal where that cannot be.
   */
  heartbeat(
    groupId: string,
    heartbeat: Heartbeat,
    needsMemberId: boolean,
    mayDescribe: (topic: string) => boolean,
  ): HeartbeatAnswer | null {
    const assignors = this.#assignors().map(({ name }) => name);
    checkHeartbeat(groupId, heartbeat, { needsMemberId, assignors });
    const { memberId, memberEpoch, instanceId } = heartbeat;
    if (memberEpoch === LEAVES || memberEpoch === LEAVES_FOR_A_WHILE) {
      this.get(groupId).leave(memberId, instanceId, memberEpoch);
      return null;
    }
    const group = memberEpoch === JOINS ? this.#gotOrMade(groupId, heartbeat) : this.get(groupId);
    const named = memberId === "" ? { ...heartbeat, memberId: this.#cluster.newUuid() } : heartbeat;
    return group.heartbeat(named, mayDescribe);
  }

  /** @throws Refusal GROUP_ID_NOT_FOUND where there is none, or one of another kind. */
  get(groupId: string): ConsumerGroup {
    const group = this.#coordinator.get(groupId);
    if (group instanceof ConsumerGroup) return group;
    const reason =
      group === undefined
        ? `Consumer group ${groupId} not found.`
        : `Group ${groupId} is not a consumer group.`;
    throw new Refusal("GROUP_ID_NOT_FOUND", reason);
  }

  /** Whether the brokers speak the protocol. */
  get isEnabled(): boolean {
    const { configs, release } = this.#cluster;
    if (!release.hasConsumerProtocol) return false;
    return listOf(configs.broker("group.coordinator.rebalance.protocols").value ?? "").includes("consumer");
  }

  /** The assignor of a group whose members ask for none. */
  get defaultAssignor(): string {
    return this.#assignors()[0]?.name as string;
  }

  surroundings(groupId: string, mayDescribe: (topic: string) => boolean): Surroundings {
    return {
      nowMs: this.clock.wallMs(),
      topics: this.topics,
      topicsVersion: this.#topicsVersion,
      settings: groupSettings(this.#cluster.configs, this.#cluster.release, this.#assignors(), groupId),
      mayDescribe,
    };
  }

  sessionTimeoutMs(groupId: string): number {
    return this.#cluster.configs.ofGroup(groupId, "consumer.session.timeout.ms");
  }

  heartbeatIntervalMs(groupId: string): number {
    return this.#cluster.configs.ofGroup(groupId, "consumer.heartbeat.interval.ms");
  }

  write(groupId: string, records: readonly CoordinatorRecord[]): void {
    this.#coordinator.write(groupId, records);
  }

  get takesClassic(): boolean {
    const { up, down } = migrations(this.#cluster.configs);
    return up || down;
  }

  becomesClassic(group: ConsumerGroup, leaving: readonly Member[]): boolean {
    const { configs } = this.#cluster;
    const staying = [...group.core.members.values()].filter(
      ({ memberId }) => !leaving.some((member) => member.memberId === memberId),
    );
    if (staying.length === 0 || staying.some(({ classic }) => classic === null)) return false;
    if (!migrations(configs).down || staying.length > configs.number("group.max.size")) return false;
    const state = classicStateOf(group.core, staying, this.clock.wallMs(), this.topics);
    this.#coordinator.write(group.groupId, group.tombstones());
    this.#coordinator.forget(group);
    const classic = this.#coordinator.addClassic(state);
    this.#coordinator.write(group.groupId, [classicRecord(state)]);
    // Sessions are counted from now.
    classic.coordinatorMoved(true);
    if (leaving.length > 0 || group.core.target.epoch < group.core.epoch) classic.rebalance();
    return true;
  }

  replay(record: GroupCoordinatorRecord): void {
    const replayed = changeOf(record);
    if (replayed === null) return;
    const { groupId, change } = replayed;
    const existing = this.#coordinator.get(groupId);
    if (change.type === "epoch" && change.epoch === null) {
      if (existing instanceof ConsumerGroup) this.#coordinator.forget(existing);
      return;
    }
    const group = existing instanceof ConsumerGroup ? existing : this.#made(groupId);
    group.core.apply(change);
  }

  loaded(): void {
    for (const group of this.#coordinator.all) {
      if (group instanceof ConsumerGroup) group.coordinatorMoved(true);
    }
  }

  #gotOrMade(groupId: string, { pattern }: Heartbeat): ConsumerGroup {
    const existing = this.#coordinator.get(groupId);
    if (existing instanceof ConsumerGroup) return existing;
    // Nothing is to be left of a group whose only member was refused.
    if (pattern !== null && pattern !== "") compilePattern(pattern);
    if (existing === undefined) return this.#made(groupId);
    const isLiving = existing instanceof ClassicGroup && !existing.isEmpty;
    const members = isLiving ? membersOf(existing.current, this.#cluster.configs, this.topics) : [];
    const generationId = isLiving ? existing.current.generationId : 0;
    this.#coordinator.write(groupId, existing.tombstones());
    this.#coordinator.forget(existing);
    const group = this.#made(groupId);
    if (isLiving) {
      group.change((transition) => takeOverClassic(transition, members, generationId));
      group.loaded();
    }
    return group;
  }

  #made(groupId: string): ConsumerGroup {
    const group = new ConsumerGroup(groupId, this);
    this.#coordinator.add(group);
    return group;
  }

  #assignors(): ServerAssignor[] {
    const names = listOf(this.#cluster.configs.broker("group.consumer.assignors").value ?? "");
    return [uniformAssignor, rangeAssignor]
      .filter(({ name }) => names.includes(name))
      .sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  }

  #metadataChanged(): void {
    const topicIds = new Set(Array.from(this.#cluster.topics.all, ({ topicId }) => topicId));
    if ([...topicIds].some((topicId) => !this.#topicIds.has(topicId))) this.#topicsVersion++;
    this.#topicIds = topicIds;
    for (const group of this.#coordinator.all) {
      if (group instanceof ConsumerGroup) group.topicsChanged();
    }
  }
}

function topicsOf({ topics }: ClusterState): TopicsView {
  return {
    idOf: (topic) => topics.get(topic)?.topicId ?? null,
    nameOf: (topicId) => topics.byId(topicId)?.name ?? null,
    partitionCount: (topicId) => topics.byId(topicId)?.partitions.length ?? 0,
    get names() {
      return Array.from(topics.all, ({ name }) => name);
    },
  };
}
