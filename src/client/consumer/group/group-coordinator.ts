/** The way from a member to the coordinator of its group: found when it is needed, and again when it has moved. */

import { KafkaError } from "../../../protocol/errors.ts";
import type { Fields, Infer, MessageSchema } from "../../../protocol/schema.ts";
import type { Api } from "../../api.ts";
import type { Purpose } from "../../broker.ts";
import type { Cluster } from "../../cluster.ts";
import type { Coordinators } from "../../coordinators.ts";
import { abortReason, BrokerError } from "../../errors.ts";
import type { Answer, RequestValue, StillWaiting } from "../../request.ts";
import type { Deadline } from "../../retry.ts";
import type { CoordinatorSearch, CoordinatorSearchOptions } from "./coordinator-search.ts";

/** How a request to the coordinator is sent. */
export interface AskOptions {
  /** For the search and the request together. */
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for the answer. Default: `requestTimeoutMs`. */
  readonly timeoutMs?: number;
  /** How long the coordinator may take without anything being wrong, as with JoinGroup. Default: 0. */
  readonly mayTakeMs?: number;
  /** True for what the coordinator may let wait: it goes over a connection of its own. Default: false. */
  readonly isLong?: boolean;
  readonly maxVersion?: number;
  /** Tells whether the coordinator has a reason to let it wait even longer. Default: it has none. */
  readonly stillWaiting?: StillWaiting;
}

/**
 * A connection for long requests that was idle for longer is opened anew: one that has died without a word, as where a
 * firewall forgets what is idle, would be trusted with a JoinGroup for the whole of `maxPollIntervalMs`.
 */
const LONGEST_IDLE_MS = 5_000;
const COORDINATOR_NOT_AVAILABLE = 15;
const NOT_COORDINATOR = 16;

/** The coordinator of one group. */
export class GroupCoordinator {
  readonly groupId: string;
  readonly #cluster: Cluster;
  readonly #coordinators: Coordinators;
  /** How long an answer may take where nothing else is said. */
  readonly requestTimeoutMs: number;
  readonly #long: Purpose;
  readonly #short: Purpose;
  /** Null where nobody needs the coordinator that soon; it comes with the first membership. */
  #search: CoordinatorSearch | null = null;
  /** Long requests that are on their way, and when the last one ended. */
  #longRequests = 0;
  #idleSinceMs = 0;

  constructor(cluster: Cluster, coordinators: Coordinators, groupId: string, requestTimeoutMs: number) {
    this.groupId = groupId;
    this.#cluster = cluster;
    this.#coordinators = coordinators;
    this.requestTimeoutMs = requestTimeoutMs;
    this.#long = cluster.newPurpose("join");
    // Heartbeats must not wait behind the large requests of others.
    this.#short = cluster.newPurpose("group");
  }

  /** Has the coordinator looked for elsewhere from now on while it is silent. */
  searchBy(make: (options: CoordinatorSearchOptions) => CoordinatorSearch): void {
    this.#search ??= make({
      cluster: this.#cluster,
      coordinators: this.#coordinators,
      groupId: this.groupId,
      onMoved: (nodeId) => this.#moved(nodeId),
    });
  }

  /**
   * Asks once. A coordinator that says by an error code at the top of its answer that it is none is looked up anew by
   * the next question; codes deeper in the answer go to {@link heed}. So is one that is silent or cannot be reached,
   * unless there is a search for it: then the next question goes to it on a new connection, while the other brokers are
   * asked for another one.
   *
   * @throws what finding it or asking it came to; error codes are the caller's to read.
   */
  async ask<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    options: AskOptions,
  ): Promise<Answer<Infer<MessageSchema<Response>>> & { readonly nodeId: number }> {
    const {
      deadline,
      signal,
      timeoutMs = this.requestTimeoutMs,
      mayTakeMs,
      isLong,
      maxVersion,
      stillWaiting,
    } = options;
    const nodeId = await this.#coordinators.find("group", this.groupId, { deadline, signal });
    if (signal?.aborted) throw abortReason(signal);
    if (isLong) this.#beginLong();
    const watch = isLong ? undefined : this.#search?.watch(nodeId);
    try {
      const answer = await this.#cluster.request(nodeId, api, value, {
        timeoutMs: Math.max(1, Math.min(timeoutMs, deadline.remainingMs)),
        purpose: isLong ? this.#long : this.#short,
        signal,
        ...(mayTakeMs === undefined ? {} : { mayTakeMs }),
        ...(maxVersion === undefined ? {} : { maxVersion }),
        ...(stillWaiting === undefined ? {} : { stillWaiting }),
      });
      if (!isLong) this.#search?.heard();
      const { errorCode } = answer.response as { readonly errorCode?: number };
      if (errorCode !== undefined) this.heed(errorCode, nodeId);
      return { ...answer, nodeId };
    } catch (error) {
      if (!(error instanceof BrokerError) && signal?.aborted !== true) {
        if (this.#search === null) this.forget(nodeId);
        else this.#search.doubt(nodeId);
      }
      throw error;
    } finally {
      watch?.stop();
      if (isLong) this.#endLong();
    }
  }

  /** Looks the coordinator up anew where `errorCode` says that `nodeId` is none. */
  heed(errorCode: number, nodeId: number): void {
    if (errorCode === NOT_COORDINATOR || errorCode === COORDINATOR_NOT_AVAILABLE) this.forget(nodeId);
  }

  /** Looks the coordinator up anew, if `nodeId` is still thought to be it. */
  forget(nodeId: number): void {
    this.#coordinators.forget("group", this.groupId, nodeId);
  }

  /**
   * Ends the connection of long requests, which is of no use while one stands there that nobody waits for any more;
   * the next long request opens another.
   */
  hangUp(cause: Error): void {
    this.#cluster.release(this.#long, cause);
  }

  #beginLong(): void {
    const idleMs = this.#cluster.clock.monotonicMs() - this.#idleSinceMs;
    if (this.#longRequests === 0 && idleMs > LONGEST_IDLE_MS) {
      this.hangUp(new KafkaError("ABORTED", `The connection was idle for ${Math.round(idleMs)} ms`));
    }
    this.#longRequests++;
  }

  #endLong(): void {
    this.#longRequests--;
    this.#idleSinceMs = this.#cluster.clock.monotonicMs();
  }

  /** Another one is the coordinator: whoever waits for the answer of the former asks again at once. */
  #moved(nodeId: number): void {
    const message = `Another broker than ${nodeId} coordinates group "${this.groupId}" now`;
    const cause = new KafkaError("ABORTED", message, { retriable: true });
    this.#cluster.release(this.#long, cause);
    this.#cluster.release(this.#short, cause);
  }

  /** Ends its connections; what was asked over them is rejected with `cause`. */
  close(cause: Error): void {
    this.#search?.close(cause);
    this.#cluster.release(this.#long, cause);
    this.#cluster.release(this.#short, cause);
  }
}
