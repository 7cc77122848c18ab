/**
 * A member of a consumer group (KIP-848), as the state machine of `src/group/consumer` wants it: sends its heartbeats,
 * has the consumer give partitions up and take them over, and wakes it when time has passed.
 */

import {
  initialState,
  isMember,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
} from "../../../group/consumer/member-state.ts";
import { countOf, setOf } from "../../../group/consumer/partition-set.ts";
import { dueAtMs } from "../../../group/consumer/proceed.ts";
import { transition } from "../../../group/consumer/transition.ts";
import type { Timer } from "../../../platform/platform.ts";
import { KafkaError } from "../../../protocol/errors.ts";
import { decodeUuid } from "../../../protocol/uuid.ts";
import { AbortGroup } from "../../abort-group.ts";
import { ConsumerGroupHeartbeat } from "../../api.ts";
import type { Cluster } from "../../cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-config.ts";
import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import { isRetriable, messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { GroupObserver } from "../../observe/group-observer.ts";
import { Deadline } from "../../retry.ts";
import { CoordinatorSearch } from "./coordinator-search.ts";
import type { GroupCoordinator } from "./group-coordinator.ts";
import { checkPattern, refusedBy, unsupportedBy } from "./heartbeat-errors.ts";
import type { LeaveOptions, Membership, MembershipHost, Subscription } from "./membership.ts";
import { TopicNames } from "./topic-names.ts";

/** What a membership is made of. */
export interface ConsumerMembershipOptions {
  readonly cluster: Cluster;
  readonly coordinator: GroupCoordinator;
  readonly config: Pick<
    ResolvedConsumerConfig,
    "groupInstanceId" | "groupRemoteAssignor" | "maxPollIntervalMs"
  >;
  readonly host: MembershipHost;
  readonly logger: Logger;
  /** `client.rack`; empty or null for none. */
  readonly rackId: string | null;
  /** So long unheard, and the member counts itself out. Default: 45000, Kafka's default for the coordinator. */
  readonly sessionTimeoutMs?: number;
}

type EventWithoutTime = MemberEvent extends infer Event
  ? Event extends MemberEvent
    ? Omit<Event, "atMs">
    : never
  : never;
type SendEffect = Extract<MemberEffect, { readonly type: "send" }>;
type HostEffect = Extract<MemberEffect, { readonly type: "revoke" | "assign" | "lose" }>;

/** `group.consumer.session.timeout.ms` by default, and the least that brokers allow by default. */
const SESSION_TIMEOUT_MS = 45_000;
/**
 * A coordinator answers at once. So many intervals of its heartbeats are a third of a session where brokers are not told
 * otherwise, which leaves time for another attempt, and for another one.
 */
const HEARTBEAT_TIMEOUT_INTERVALS = 3;
/** No less than that, however often brokers want to hear of the member: a busy one may take a while. */
const LEAST_HEARTBEAT_TIMEOUT_MS = 2_000;

/** A consumer's membership by the protocol of KIP-848. */
export class ConsumerMembership implements Membership {
  readonly #options: ConsumerMembershipOptions;
  readonly #names: TopicNames;
  readonly #running = new AbortGroup();
  #state: MemberState;
  #observer: GroupObserver | null = null;
  /** What has happened while an event was dealt with. */
  readonly #events: MemberEvent[] = [];
  #isApplying = false;
  #timer: Timer | null = null;
  #leaving: { readonly reason: string; readonly resolve: () => void; readonly timer: Timer }[] = [];
  #lastTrouble = "";
  #isAbandoned = false;

  constructor(options: ConsumerMembershipOptions) {
    const { cluster, coordinator, config, logger, rackId, sessionTimeoutMs } = options;
    this.#options = options;
    coordinator.searchBy((parts) => new CoordinatorSearch(parts));
    this.#state = initialState({
      groupId: coordinator.groupId,
      memberId: newMemberId(),
      instanceId: config.groupInstanceId,
      rackId: rackId === "" ? null : rackId,
      assignor: config.groupRemoteAssignor,
      rebalanceTimeoutMs: config.maxPollIntervalMs,
      sessionTimeoutMs: sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
    });
    this.#names = new TopicNames(cluster, logger, (names) => this.#apply({ type: "named", names }));
  }

  get metadata(): Required<ConsumerGroupMetadata> {
    const { settings, memberId, epoch } = this.#state;
    return {
      groupId: settings.groupId,
      generationId: epoch > 0 ? epoch : -1,
      memberId: epoch > 0 ? memberId : "",
      groupInstanceId: settings.instanceId,
    };
  }

  get state(): string {
    return this.#state.phase;
  }

  subscribe({ topics, pattern }: Subscription): void {
    if (this.#isAbandoned) return;
    this.#observer ??= this.#newObserver();
    this.#apply({ type: "subscribe", subscription: { topics, pattern } });
  }

  polled(): void {
    if (this.#state.phase === "stale") this.#apply({ type: "polled" });
  }

  pollExpired(): void {
    this.#apply({ type: "poll expired" });
  }

  rejoin(reason: string): void {
    this.#log(
      "info",
      `does not join again (${reason}): with groupProtocol "consumer" the group does that by itself`,
    );
  }

  commitRefused(errorCode: number, { memberId, generationId }: Required<ConsumerGroupMetadata>): void {
    const { phase, epoch, memberId: current } = this.#state;
    if (!isMember(this.#state) || memberId !== current || generationId !== epoch) return;
    this.#log("debug", `is ${phase}, and a commit with epoch ${epoch} was refused (${errorCode})`);
    this.#apply({ type: "doubted" });
  }

  leave({ deadline, reason, staysMember }: LeaveOptions): Promise<void> {
    if (this.#isAbandoned) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.cluster.clock.setTimer(deadline.remainingMs, () =>
        this.#apply({ type: "leave expired" }),
      );
      this.#leaving.push({ reason, resolve, timer });
      if (this.#state.phase !== "leaving") this.#apply({ type: "leave", staysMember });
    });
  }

  abandon(reason: Error): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    this.#timer?.cancel();
    this.#names.want(new Set());
    this.#running.abort(reason);
    this.#left(reason.message);
  }

  #apply(event: EventWithoutTime): void {
    if (this.#isAbandoned) return;
    this.#events.push({ ...event, atMs: this.#options.cluster.clock.monotonicMs() } as MemberEvent);
    if (this.#isApplying) return;
    this.#isApplying = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#step(next);
    } finally {
      this.#isApplying = false;
    }
    this.#arm();
  }

  #step(event: MemberEvent): void {
    const before = this.#state;
    const { state, effects } = transition(before, event);
    this.#state = state;
    if (state.phase !== before.phase) {
      this.#log("debug", `was ${before.phase} and is ${state.phase}, with epoch ${state.epoch}`);
      if (state.phase === "joining") this.#observer?.rebalancing(`joins group "${state.settings.groupId}"`);
    }
    for (const effect of effects) if (!this.#isAbandoned) this.#run(effect, before);
  }

  #run(effect: MemberEffect, before: MemberState): void {
    switch (effect.type) {
      case "send":
        void this.#send(effect);
        return;
      case "name topics":
        this.#names.want(effect.topicIds);
        return;
      case "revoke":
      case "assign":
      case "lose":
        if (effect.type !== "lose" && before.phase !== "reconciling" && before.phase !== "joining")
          this.#observer?.rebalancing("the coordinator has assigned other partitions");
        if (effect.type === "lose") {
          const { length } = effect.partitions;
          this.#log("warn", `has lost ${length} partition${length === 1 ? "" : "s"}: others may read them`);
        }
        void this.#work(effect);
        return;
      case "suspend":
        this.#log("warn", "hands nothing out: the coordinator has been silent for a session");
        this.#observer?.suspended();
        this.#options.host.suspend();
        return;
      case "resume":
        this.#observer?.resumed();
        this.#options.host.resume();
        return;
      case "joined":
        this.#lastTrouble = "";
        this.#observer?.joined({ assignor: this.#state.settings.assignor, isLeader: false });
        return;
      case "fail":
        this.#options.host.failed(effect.error);
        return;
      case "left":
        this.#left("it has left");
        return;
      case "note":
        this.#log("info", effect.what);
        return;
    }
  }

  /** Never rejects: what goes wrong is an event. */
  async #send({ request, kind, heartbeat }: SendEffect): Promise<void> {
    const { cluster, coordinator, config } = this.#options;
    const { failures, heartbeatIntervalMs } = this.#state;
    const retryDelayMs = cluster.retryDelayMs(failures + 1);
    const timeoutMs = Math.max(LEAST_HEARTBEAT_TIMEOUT_MS, HEARTBEAT_TIMEOUT_INTERVALS * heartbeatIntervalMs);
    try {
      const { response, broker, version } = await this.#running.run((signal) =>
        coordinator.ask(
          ConsumerGroupHeartbeat,
          (usable) => {
            checkPattern(heartbeat.subscribedTopicRegex, usable);
            return usable > 0 ? heartbeat : { ...heartbeat, subscribedTopicRegex: null };
          },
          { deadline: new Deadline(cluster.clock, timeoutMs), timeoutMs, signal },
        ),
      );
      const { errorCode, errorMessage } = response;
      if (errorCode !== 0) {
        const error = refusedBy(errorCode, {
          groupId: coordinator.groupId,
          instanceId: config.groupInstanceId,
          assignor: config.groupRemoteAssignor,
          broker,
          version,
          brokerMessage: errorMessage,
        });
        this.#trouble(kind, error);
        this.#apply({ type: "refused", request, errorCode, error, retryDelayMs });
        return;
      }
      const assignment = response.assignment === null ? null : setOf(response.assignment.topicPartitions);
      const names = this.#names.known(assignment?.keys() ?? []);
      this.#apply({ type: "answered", request, answer: { ...response, assignment }, names });
    } catch (error) {
      this.#trouble(kind, error);
      if (isRetriable(error)) this.#apply({ type: "unanswered", request, retryDelayMs });
      else this.#apply({ type: "unanswerable", request, error: asFatal(error) });
    }
  }

  #trouble(kind: SendEffect["kind"], error: unknown): void {
    this.#lastTrouble = messageOf(error);
    this.#log("debug", `has no use of the answer to its ${kind}: ${this.#lastTrouble}`);
  }

  /** Never rejects. */
  async #work({ type, work, partitions }: HostEffect): Promise<void> {
    const { host } = this.#options;
    try {
      await host[type](partitions);
    } catch (error) {
      this.#log("error", `could not ${type} partitions: ${messageOf(error)}`);
    }
    if (this.#isAbandoned) return;
    if (type === "revoke") this.#observer?.revoked(partitions.length);
    if (type === "lose") this.#observer?.lost(partitions.length);
    const isCurrent = this.#state.work?.number === work;
    this.#apply({ type: "done", work });
    if (type === "assign" && isCurrent && isMember(this.#state)) this.#observer?.assigned(partitions.length);
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const atMs = this.#isAbandoned ? null : dueAtMs(this.#state);
    if (atMs === null) return;
    const { clock } = this.#options.cluster;
    const delayMs = Math.max(0, atMs - clock.monotonicMs());
    // Somebody waits for the leaving. Who waits for records keeps the process alive by that.
    const background = this.#state.phase !== "leaving";
    this.#timer = clock.setTimer(delayMs, () => this.#apply({ type: "tick" }), { background });
  }

  #left(reason: string): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    this.#observer?.left(leaving[0]?.reason ?? reason);
    this.#observer?.close();
    this.#observer = null;
    for (const { resolve, timer } of leaving) {
      timer.cancel();
      resolve();
    }
  }

  #newObserver(): GroupObserver {
    const { cluster, coordinator, config } = this.#options;
    return new GroupObserver(cluster.observability, cluster.clock, {
      groupId: coordinator.groupId,
      groupInstanceId: config.groupInstanceId,
      protocol: "consumer",
      patienceMs: this.#state.settings.sessionTimeoutMs,
      standing: () => {
        const { memberId, epoch, phase, owned } = this.#state;
        return { memberId, generationId: epoch, state: phase, partitions: countOf(owned) };
      },
      inTheWay: () => this.#lastTrouble,
    });
  }

  #log(level: keyof Logger, what: string): void {
    const { settings, memberId } = this.#state;
    this.#options.logger[level](`Member ${memberId} of group "${settings.groupId}" ${what}`);
  }
}

/** Random, in the text form of Kafka's own uuids. A dash in front would read as an option on command lines. */
function newMemberId(): string {
  for (;;) {
    const memberId = decodeUuid(globalThis.crypto.getRandomValues(new Uint8Array(16)), 0);
    if (!memberId.startsWith("-")) return memberId;
  }
}

function asFatal(error: unknown): Error {
  if (error instanceof KafkaError && error.code === "UNSUPPORTED_VERSION" && !error.fatal)
    return unsupportedBy(error);
  return error instanceof Error ? error : new KafkaError("UNEXPECTED_ERROR", messageOf(error));
}
