/**
 * A consumer's membership in a classic group: does what the pure machine of `src/group/classic` says, and tells it
 * what comes of that.
 */

import { type Assignor, commonRebalanceProtocol } from "../../../group/assignor.ts";
import { assignForAll, readWishes } from "../../../group/classic/lead-group.ts";
import {
  type CoordinatorAnswer,
  type HostCall,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
  newMember,
  wakeAtMs,
} from "../../../group/classic/member-state.ts";
import { byTopic, within } from "../../../group/classic/partitions.ts";
import { transition } from "../../../group/classic/transition.ts";
import type { Timer } from "../../../platform/platform.ts";
import { KafkaError } from "../../../protocol/errors.ts";
import { AbortGroup } from "../../abort-group.ts";
import { OffsetCommit } from "../../api.ts";
import type { Cluster } from "../../cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-config.ts";
import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import { BrokerError, isRetriable, messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { GroupObserver } from "../../observe/group-observer.ts";
import { Deadline } from "../../retry.ts";
import { ClassicRequests, type Joined } from "./classic-requests.ts";
import { CoordinatorSearch } from "./coordinator-search.ts";
import type { GroupCoordinator } from "./group-coordinator.ts";
import { GroupTopics } from "./group-topics.ts";
import type { LeaveOptions, Membership, MembershipHost, Subscription } from "./membership.ts";

/** What a membership is made of. */
export interface ClassicMembershipOptions {
  readonly cluster: Cluster;
  readonly coordinator: GroupCoordinator;
  readonly config: Pick<
    ResolvedConsumerConfig,
    "groupInstanceId" | "sessionTimeoutMs" | "heartbeatIntervalMs" | "maxPollIntervalMs"
  >;
  readonly requestTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  /** In the order of preference; each is this consumer's own. */
  readonly assignors: readonly Assignor[];
  readonly host: MembershipHost;
  readonly logger: Logger;
  /** `client.rack`; null for none. */
  readonly rackId: string | null;
}

/** What the leader knows of its generation. */
interface Leading extends Pick<Joined, "members" | "skipsAssignment"> {
  /** What goes out with SyncGroup. */
  readonly assignments: ReadonlyMap<string, Uint8Array>;
  /** Topics that are there and that no other member wants. */
  readonly ownTopics: readonly string[];
}

const FOLLOWING: Leading = { members: [], skipsAssignment: false, assignments: new Map(), ownTopics: [] };

const REBALANCE_IN_PROGRESS = 27;
const MEMBER_ID_REQUIRED = 79;

/** Whether an answer is part of every rebalance, and nothing that stands in the way. */
function isOrdinary({ errorCode }: CoordinatorAnswer): boolean {
  return errorCode === 0 || errorCode === REBALANCE_IN_PROGRESS || errorCode === MEMBER_ID_REQUIRED;
}

export class ClassicMembership implements Membership {
  readonly #options: ClassicMembershipOptions;
  readonly #requests: ClassicRequests;
  readonly #topics: GroupTopics;
  readonly #observer: GroupObserver;
  #member: MemberState;
  #leading: Leading = FOLLOWING;
  readonly #events: MemberEvent[] = [];
  #isStepping = false;
  #timer: Timer | null = null;
  /** Ends JoinGroup and SyncGroup. */
  #rebalance = new AbortController();
  /** Everything else that is asked, but leaving. */
  readonly #running = new AbortGroup();
  readonly #leavings = new AbortGroup();
  #lastProblem: Error | null = null;
  #leaveDeadline: Deadline | null = null;
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => {};

  constructor(options: ClassicMembershipOptions) {
    const { cluster, coordinator, config, assignors, logger, rackId, metadataMaxAgeMs } = options;
    const { groupInstanceId, sessionTimeoutMs, heartbeatIntervalMs, maxPollIntervalMs } = config;
    this.#options = options;
    coordinator.searchBy((parts) => new CoordinatorSearch(parts));
    this.#member = newMember({
      groupInstanceId,
      sessionTimeoutMs,
      heartbeatIntervalMs,
      rebalanceProtocol: commonRebalanceProtocol(assignors),
    });
    this.#requests = new ClassicRequests({ ...options, ...config });
    const withRacks = rackId !== null;
    this.#topics = new GroupTopics({
      cluster,
      logger,
      metadataMaxAgeMs,
      lookMs: heartbeatIntervalMs,
      withRacks,
    });
    this.#observer = new GroupObserver(cluster.observability, cluster.clock, {
      groupId: coordinator.groupId,
      groupInstanceId,
      protocol: "classic",
      patienceMs: maxPollIntervalMs,
      standing: () => {
        const { memberId, generationId, phase, owned } = this.#member;
        return { memberId, generationId, state: phase, partitions: owned.length };
      },
      inTheWay: () => (this.#lastProblem === null ? cluster.diagnosis() : messageOf(this.#lastProblem)),
    });
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  get metadata(): Required<ConsumerGroupMetadata> {
    const { groupId } = this.#options.coordinator;
    const { groupInstanceId } = this.#options.config;
    const { memberId, generationId } = this.#member;
    return generationId < 0
      ? { groupId, memberId: "", generationId: -1, groupInstanceId }
      : { groupId, memberId, generationId, groupInstanceId };
  }

  get state(): string {
    return this.#member.phase;
  }

  subscribe({ topics }: Subscription): void {
    this.#step({ type: "subscribed", topics });
  }

  polled(): void {
    if (this.#member.isPollExpired) this.#step({ type: "polled" });
  }

  pollExpired(): void {
    const { groupId } = this.#options.coordinator;
    const { maxPollIntervalMs } = this.#options.config;
    this.#options.logger.warn(
      `Group "${groupId}": no records were asked for within ${maxPollIntervalMs} ms (maxPollIntervalMs), so the consumer leaves until they are. Ask for fewer at once (maxPollRecords), be quicker, or raise maxPollIntervalMs`,
    );
    this.#step({ type: "poll expired" });
  }

  rejoin(reason: string): void {
    this.#step({ type: "rejoin wanted", reason });
  }

  commitRefused(errorCode: number, generation: Required<ConsumerGroupMetadata>): void {
    const { groupId, memberId = "", generationId = -1 } = generation;
    const error = new BrokerError(errorCode, {
      apiKey: OffsetCommit.apiKey,
      brokerMessage: `group "${groupId}"`,
    });
    this.#step({ type: "commit refused", errorCode, error, memberId, generationId });
  }

  async leave({ deadline, reason, staysMember }: LeaveOptions): Promise<void> {
    this.#leaveDeadline = deadline;
    const timer = this.#options.cluster.clock.setTimer(deadline.remainingMs, () =>
      this.#step({ type: "left" }),
    );
    this.#step({ type: "leave", reason, staysMember });
    await this.#ended;
    timer.cancel();
  }

  abandon(reason: Error): void {
    this.#leavings.abort(reason);
    this.#step({ type: "abandoned" });
  }

  /** Events that come while one is worked on have their turn after it. */
  #step(event: MemberEvent): void {
    this.#events.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    const { clock } = this.#options.cluster;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      const { state, effects } = transition(this.#member, next, {
        nowMs: clock.monotonicMs(),
        backoffMs: (failures) => this.#options.cluster.retryDelayMs(failures),
      });
      this.#member = state;
      if (!state.isLeader) this.#topics.stop();
      for (const effect of effects) this.#perform(effect);
    }
    this.#isStepping = false;
    this.#arm();
  }

  #arm(): void {
    const { clock } = this.#options.cluster;
    this.#timer?.cancel();
    const atMs = wakeAtMs(this.#member);
    this.#timer =
      atMs === Number.POSITIVE_INFINITY
        ? null
        : clock.setTimer(Math.max(0, atMs - clock.monotonicMs()), () => this.#step({ type: "tick" }), {
            background: true,
          });
  }

  #perform(effect: MemberEffect): void {
    switch (effect.type) {
      case "join":
        void this.#attempt(effect.number, () => this.#join(effect.number));
        break;
      case "hang up": {
        const cause = new KafkaError("ABORTED", "The rebalance that it was for is over");
        this.#rebalance.abort(cause);
        this.#rebalance = new AbortController();
        this.#options.coordinator.hangUp(cause);
        break;
      }
      case "assign for all":
        void this.#attempt(effect.number, () => this.#assignForAll(effect.number));
        break;
      case "sync":
        void this.#attempt(effect.number, () => this.#sync(effect.number));
        break;
      case "heartbeat":
        void this.#attempt(effect.number, () => this.#heartbeat(effect.number));
        break;
      case "leave":
        void this.#leave(effect.memberId, effect.reason);
        break;
      case "suspend":
        this.#suspend();
        break;
      case "resume":
        this.#observer.resumed();
        this.#options.host.resume();
        break;
      case "call host":
        void this.#callHost(effect.number, effect.call);
        break;
      case "tell":
        this.#tell(effect);
        break;
      case "end":
        this.#end(effect.error);
    }
  }

  /** Never rejects: whatever an attempt comes to is an event. */
  async #attempt(number: number, work: () => Promise<MemberEvent>): Promise<void> {
    let event: MemberEvent;
    try {
      event = await work();
      this.#lastProblem = "answer" in event && !isOrdinary(event.answer) ? event.answer.error : null;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.#lastProblem = error;
      event = { type: "failed", number, error, isFatal: !isRetriable(error) };
    }
    if (this.#lastProblem !== null) this.#debug(this.#lastProblem.message);
    this.#step(event);
  }

  async #join(number: number): Promise<MemberEvent> {
    const { answer, members, skipsAssignment } = await this.#requests.join(
      this.#member,
      this.#rebalance.signal,
    );
    if (number === this.#member.awaiting) this.#leading = { ...FOLLOWING, members, skipsAssignment };
    return { type: "join answered", number, answer };
  }

  async #assignForAll(number: number): Promise<MemberEvent> {
    const { members, skipsAssignment } = this.#leading;
    const wishes = readWishes(members);
    for (const memberId of wishes.unreadable) {
      const { groupId } = this.#options.coordinator;
      this.#options.logger.warn(
        `Group "${groupId}": the subscription of member "${memberId}" cannot be read, so it is assigned nothing`,
      );
    }
    // A leader that comes back to an old broker is not told of the others.
    const topics = members.length === 0 ? (this.#member.topics ?? []) : wishes.topics;
    const layouts = await this.#describe(topics, number);
    if (number !== this.#member.awaiting) return { type: "assigned", number };
    const { rebalanceProtocol } = this.#member.settings;
    if (skipsAssignment) {
      const others = new Set(
        wishes.members.flatMap(({ memberId, subscription }) =>
          memberId === this.#member.memberId ? [] : subscription.topics,
        ),
      );
      const ownTopics = members.length === 0 ? [] : [...layouts.keys()].filter((topic) => !others.has(topic));
      this.#leading = { ...this.#leading, ownTopics };
    } else {
      const assignments = assignForAll(this.#assignor(), wishes, layouts, rebalanceProtocol);
      this.#leading = { ...this.#leading, assignments };
    }
    this.#topics.watch(topics, layouts, (reason) => this.#step({ type: "rejoin wanted", reason }));
    return { type: "assigned", number };
  }

  /** Asks for the topics of the group until a broker answers, or nobody wants to know any more. */
  async #describe(topics: readonly string[], number: number): ReturnType<GroupTopics["describe"]> {
    const { cluster } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#topics.describe(topics);
      } catch (error) {
        if (!isRetriable(error)) throw error;
        this.#lastProblem = error as Error;
        if (number !== this.#member.awaiting) return new Map();
      }
      const deadline = new Deadline(cluster.clock, Number.POSITIVE_INFINITY);
      await this.#running.run((signal) => cluster.pause(attempt, { deadline, signal }, () => new Error()));
    }
  }

  async #sync(number: number): Promise<MemberEvent> {
    const { generationId, topics } = this.#member;
    const { assignments, ownTopics } = this.#leading;
    const { answer, userData } = await this.#requests.sync(this.#member, assignments, this.#rebalance.signal);
    if (number === this.#member.awaiting && answer.errorCode === 0) {
      const { assigned } = answer;
      const unwanted = assigned.length - within(assigned, topics ?? []).length;
      if (unwanted > 0) this.#debug(`${unwanted} partitions are assigned of topics that it does not want`);
      const partitions = byTopic(assigned);
      this.#assignor().assigned?.({ partitions, userData }, generationId);
      const unread = ownTopics.find((topic) => !partitions.has(topic));
      // The assignments of the generation stand, and are older than this wish.
      if (unread !== undefined)
        this.#step({ type: "rejoin wanted", reason: `topic ${unread} is read by nobody` });
    }
    return { type: "sync answered", number, answer };
  }

  async #heartbeat(number: number): Promise<MemberEvent> {
    const member = this.#member;
    const answer = await this.#running.run((signal) => this.#requests.heartbeat(member, signal));
    return { type: "heartbeat answered", number, answer };
  }

  /** Never rejects: the session timeout ends a membership whose leaving nobody heard of. */
  async #leave(memberId: string, reason: string): Promise<void> {
    const { cluster, requestTimeoutMs } = this.#options;
    const deadline = this.#leaveDeadline ?? new Deadline(cluster.clock, requestTimeoutMs);
    try {
      await this.#leavings.run((signal) => this.#requests.leave(memberId, reason, deadline, signal));
    } catch (error) {
      this.#debug(`the coordinator did not hear that the member leaves: ${messageOf(error)}`);
    }
    this.#step({ type: "left" });
  }

  #suspend(): void {
    const { config, coordinator, host, logger } = this.#options;
    logger.warn(
      `Group "${coordinator.groupId}": the coordinator was not heard of for ${config.sessionTimeoutMs} ms (sessionTimeoutMs), so nothing is handed out until it is`,
    );
    this.#observer.suspended();
    host.suspend();
  }

  /** Never rejects: a host that does is taken as one that is done. */
  async #callHost(number: number, { type, partitions }: HostCall): Promise<void> {
    const { host, logger, coordinator } = this.#options;
    if (type === "lose") {
      this.#observer.lost(partitions.length);
      const lost = `${partitions.length} partitions are lost: others may read them`;
      logger.warn(`Group "${coordinator.groupId}": ${lost} (${this.#member.joinReason})`);
    }
    try {
      await host[type](partitions);
    } catch (error) {
      logger.error(`Group "${coordinator.groupId}": ${type} failed: ${messageOf(error)}`);
    }
    // Unless they were lost before.
    if (type === "revoke") this.#observer.revoked(within(partitions, this.#ownedTopics()).length);
    this.#step({ type: "host done", number });
  }

  #ownedTopics(): string[] {
    return [...byTopic(this.#member.owned).keys()];
  }

  #tell(effect: Extract<MemberEffect, { readonly type: "tell" }>): void {
    const { generationId, assignor, isLeader } = this.#member;
    switch (effect.what) {
      case "rebalancing":
        this.#debug(`joins: ${effect.reason}`);
        this.#observer.rebalancing(effect.reason);
        break;
      case "joined":
        this.#debug(`has joined generation ${generationId}${isLeader ? " as its leader" : ""}`);
        this.#observer.joined({ assignor, isLeader });
        break;
      case "assigned":
        this.#debug(`has taken over ${effect.partitions} partitions`);
        this.#observer.assigned(effect.partitions);
        break;
      case "left":
        this.#debug(`leaves: ${effect.reason}`);
        this.#observer.left(effect.reason, effect);
    }
  }

  #end(error: Error | null): void {
    this.#topics.stop();
    this.#observer.close();
    const cause = error ?? new KafkaError("ABORTED", "The membership has ended");
    this.#rebalance.abort(cause);
    this.#running.abort(cause);
    if (error !== null) this.#options.host.failed(error);
    this.#resolveEnded();
  }

  #assignor(): Assignor {
    const { assignors } = this.#options;
    return assignors.find(({ name }) => name === this.#member.assignor) ?? (assignors[0] as Assignor);
  }

  #debug(message: string): void {
    const { groupId } = this.#options.coordinator;
    this.#options.logger.debug(`Group "${groupId}", member "${this.#member.memberId}": ${message}`);
  }
}
