/** The requests of a classic member, and what their answers say. */

import type { Assignor } from "../../../group/assignor.ts";
import type { JoinedMember } from "../../../group/classic/lead-group.ts";
import type {
  CoordinatorAnswer,
  JoinAnswer,
  MemberState,
  SyncAnswer,
} from "../../../group/classic/member-state.ts";
import { byTopic } from "../../../group/classic/partitions.ts";
import { decodeAssignment, encodeSubscription } from "../../../protocol/consumer-protocol.ts";
import { KafkaError } from "../../../protocol/errors.ts";
import type { LeaveGroupRequest } from "../../../protocol/messages/leave-group.ts";
import type { Fields, InferInput } from "../../../protocol/schema.ts";
import { type Api, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from "../../api.ts";
import type { Cluster } from "../../cluster.ts";
import { BrokerError, isRetriable } from "../../errors.ts";
import type { StillWaiting } from "../../request.ts";
import { Deadline } from "../../retry.ts";
import type { TopicPartition } from "../assignment.ts";
import type { AskOptions, GroupCoordinator } from "./group-coordinator.ts";
import { isRebalancing } from "./is-rebalancing.ts";

/** What the requests say beside the state of the member. */
export interface ClassicRequestOptions {
  readonly cluster: Cluster;
  readonly coordinator: GroupCoordinator;
  readonly assignors: readonly Assignor[];
  readonly groupInstanceId: string | null;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly rackId: string | null;
}

/** The answer to JoinGroup, and what only the edge needs of it. */
export interface Joined {
  readonly answer: JoinAnswer;
  /** All members, for the leader. */
  readonly members: readonly JoinedMember[];
  /** The assignments of the generation stand: a static leader has come back (KIP-814). */
  readonly skipsAssignment: boolean;
}

/** The answer to SyncGroup, and the assignor's own bytes in it. */
export interface Synced {
  readonly answer: SyncAnswer;
  readonly userData: Uint8Array | null;
}

/** The kind of group that consumers make. */
const PROTOCOL_TYPE = "consumer";
/** Kafka's own consumer adds as much to what the coordinator may take for a rebalance. */
const REBALANCE_LAPSE_MS = 5000;
/** From this version of JoinGroup on a new member gets its id before anything else (KIP-394). */
const FIRST_ID_FIRST_VERSION = 4;
/** From this version of JoinGroup on there are static members. */
const FIRST_STATIC_VERSION = 5;
/** From this version of JoinGroup on a static leader that comes back leads again (KIP-814). */
const FIRST_SKIPPING_VERSION = 9;
/** From this version on LeaveGroup names members in a list. */
const FIRST_LIST_VERSION = 3;
/** Longest reason that brokers take (KIP-800). */
const MOST_REASON = 255;
const INCONSISTENT_GROUP_PROTOCOL = 23;
const UNKNOWN_MEMBER_ID = 25;

export class ClassicRequests {
  readonly #options: ClassicRequestOptions;

  constructor(options: ClassicRequestOptions) {
    this.#options = options;
  }

  /** @throws what asking comes to. */
  async join(member: MemberState, signal: AbortSignal): Promise<Joined> {
    const { coordinator, groupInstanceId, sessionTimeoutMs, maxPollIntervalMs } = this.#options;
    const protocols = this.#protocols(member);
    const long = this.#long(signal);
    let givesIdsAtOnce = true;
    const stillWaiting: StillWaiting = async (ask) =>
      !givesIdsAtOnce && (await isRebalancing(ask, coordinator.groupId));
    const { response, version, broker } = await coordinator.ask(
      JoinGroup,
      (usable) => {
        if (groupInstanceId !== null && usable < FIRST_STATIC_VERSION) throw tooOldForStatic();
        givesIdsAtOnce = usable >= FIRST_ID_FIRST_VERSION;
        return {
          groupId: coordinator.groupId,
          sessionTimeoutMs,
          rebalanceTimeoutMs: maxPollIntervalMs,
          memberId: member.memberId,
          groupInstanceId,
          protocolType: PROTOCOL_TYPE,
          protocols,
          reason: member.joinReason.slice(0, MOST_REASON),
        };
      },
      member.memberId === "" && groupInstanceId === null ? { ...long, mayTakeMs: 0, stillWaiting } : long,
    );
    const { protocolType, members, skipAssignment, leader } = response;
    // Before version 9 a static leader that comes back is told the id that it had, and nobody leads the group then.
    const wasLeader =
      version < FIRST_SKIPPING_VERSION &&
      groupInstanceId !== null &&
      member.memberId === "" &&
      leader !== response.memberId &&
      leader.startsWith(`${groupInstanceId}-`);
    const protocolName = response.protocolName ?? "";
    const isOurs = this.#options.assignors.some(({ name }) => name === protocolName);
    const isConsistent = (protocolType === null || protocolType === PROTOCOL_TYPE) && isOurs;
    const errorCode =
      response.errorCode === 0 && !isConsistent ? INCONSISTENT_GROUP_PROTOCOL : response.errorCode;
    return {
      answer: {
        errorCode,
        error: this.#error(JoinGroup, errorCode, version, broker),
        memberId: response.memberId,
        generationId: response.generationId,
        protocolName,
        isLeader: leader === response.memberId || wasLeader,
      },
      members,
      skipsAssignment: skipAssignment || wasLeader,
    };
  }

  /** @throws what asking comes to, and DecodeError when the leader has assigned what nobody can read. */
  async sync(
    { memberId, generationId, assignor }: MemberState,
    assignments: ReadonlyMap<string, Uint8Array>,
    signal: AbortSignal,
  ): Promise<Synced> {
    const { coordinator, groupInstanceId } = this.#options;
    const { response, version, broker } = await coordinator.ask(
      SyncGroup,
      {
        groupId: coordinator.groupId,
        generationId,
        memberId,
        groupInstanceId,
        protocolType: PROTOCOL_TYPE,
        protocolName: assignor,
        assignments: Array.from(assignments, ([member, assignment]) => ({ memberId: member, assignment })),
      },
      this.#long(signal),
    );
    const { protocolType, protocolName, assignment } = response;
    const isConsistent =
      (protocolType === null || protocolType === PROTOCOL_TYPE) &&
      (protocolName === null || protocolName === assignor);
    const errorCode =
      response.errorCode === 0 && !isConsistent ? INCONSISTENT_GROUP_PROTOCOL : response.errorCode;
    const error = this.#error(SyncGroup, errorCode, version, broker);
    // No bytes: the leader has left the member out.
    if (errorCode !== 0 || assignment.byteLength === 0)
      return { answer: { errorCode, error, assigned: [] }, userData: null };
    const { assignedPartitions, userData } = decodeAssignment(assignment);
    const assigned = assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition): TopicPartition => ({ topic, partition })),
    );
    return { answer: { errorCode, error, assigned }, userData };
  }

  /** @throws what asking comes to. */
  async heartbeat({ memberId, generationId }: MemberState, signal: AbortSignal): Promise<CoordinatorAnswer> {
    const { cluster, coordinator, groupInstanceId, requestTimeoutMs } = this.#options;
    const { sessionTimeoutMs, heartbeatIntervalMs } = this.#options;
    // So that there is time for another one, perhaps with another coordinator.
    const timeoutMs = Math.min(requestTimeoutMs, Math.max(heartbeatIntervalMs, sessionTimeoutMs / 3));
    const { response, version, broker } = await coordinator.ask(
      Heartbeat,
      { groupId: coordinator.groupId, generationId, memberId, groupInstanceId },
      { deadline: new Deadline(cluster.clock, timeoutMs), timeoutMs, signal },
    );
    const { errorCode } = response;
    return { errorCode, error: this.#error(Heartbeat, errorCode, version, broker) };
  }

  /**
   * Leaves, and tries as often as the deadline allows.
   *
   * @throws what the last attempt came to.
   */
  async leave(memberId: string, reason: string, deadline: Deadline, signal: AbortSignal): Promise<void> {
    const { cluster, coordinator, groupInstanceId } = this.#options;
    const { groupId } = coordinator;
    const value = (usable: number): InferInput<typeof LeaveGroupRequest> =>
      usable < FIRST_LIST_VERSION
        ? { groupId, memberId }
        : { groupId, members: [{ memberId, groupInstanceId, reason: reason.slice(0, MOST_REASON) }] };
    for (let attempt = 1; ; attempt++) {
      let failure: Error;
      try {
        const { response, version, broker } = await coordinator.ask(LeaveGroup, value, { deadline, signal });
        const errorCode = response.errorCode || (response.members[0]?.errorCode ?? 0);
        const error = this.#error(LeaveGroup, errorCode, version, broker);
        // It is gone already.
        if (error === null || errorCode === UNKNOWN_MEMBER_ID) return;
        failure = error;
      } catch (error) {
        failure = error as Error;
      }
      if (!isRetriable(failure) || deadline.expired || signal.aborted) throw failure;
      await cluster.pause(attempt, { deadline, signal }, () => failure);
    }
  }

  /** What the member could work by, each with the same subscription and the assignor's own bytes. */
  #protocols({ topics, owned, generationId }: MemberState): { name: string; metadata: Uint8Array }[] {
    const ownedPartitions = Array.from(byTopic(owned), ([topic, partitions]) => ({ topic, partitions }));
    const { assignors, rackId } = this.#options;
    return assignors.map((assignor) => ({
      name: assignor.name,
      metadata: encodeSubscription({
        topics: topics ?? [],
        userData: assignor.userData?.(topics ?? []) ?? null,
        ownedPartitions,
        generationId,
        rackId,
      }),
    }));
  }

  /** How to ask what the coordinator may let wait for the other members. */
  #long(signal: AbortSignal): AskOptions {
    const { cluster, maxPollIntervalMs, requestTimeoutMs } = this.#options;
    const timeoutMs = Math.max(requestTimeoutMs, maxPollIntervalMs + REBALANCE_LAPSE_MS);
    const deadline = new Deadline(cluster.clock, timeoutMs);
    return { isLong: true, deadline, timeoutMs, mayTakeMs: maxPollIntervalMs, signal };
  }

  #error(
    { apiKey }: Api<Fields, Fields>,
    errorCode: number,
    apiVersion: number,
    broker: string,
  ): BrokerError | null {
    if (errorCode === 0) return null;
    const brokerMessage = `group "${this.#options.coordinator.groupId}"`;
    return new BrokerError(errorCode, { broker, apiKey, apiVersion, brokerMessage });
  }
}

function tooOldForStatic(): KafkaError {
  return new KafkaError(
    "UNSUPPORTED_VERSION",
    "The group's coordinator is too old for static members (KIP-345), which Kafka has since 2.3: leave out groupInstanceId, or upgrade the broker",
  );
}
