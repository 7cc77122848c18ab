/** Which broker coordinates a group or a transactional id (FindCoordinator). */

import { errorCodeOf } from "../protocol/error-codes.ts";
import type {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
} from "../protocol/messages/find-coordinator.ts";
import type { InferInput } from "../protocol/schema.ts";
import { FindCoordinator } from "./api.ts";
import type { RequestOptions } from "./broker.ts";
import type { Cluster, WaitOptions } from "./cluster.ts";
import { BrokerError, isRetriable, messageOf, TimeoutError } from "./errors.ts";
import type { BrokerMetadata } from "./metadata.ts";
import { within } from "./retry.ts";

/** What is coordinated. Kafka's numbers of it are the positions in {@link KEY_TYPES}. */
export type CoordinatorType = (typeof KEY_TYPES)[number];

const KEY_TYPES = ["group", "transaction", "share"] as const;

/** From this version on one request asks for many (KIP-699). */
const FIRST_BATCHED_VERSION = 4;

/** What one question came to. */
interface Found {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

interface Question {
  readonly key: string;
  readonly resolve: (found: Found & { readonly broker: string }) => void;
  readonly reject: (error: unknown) => void;
}

/** Looks coordinators up, as many at once as are asked for, and remembers them until they are found wrong. */
export class Coordinators {
  readonly #cluster: Cluster;
  readonly #requestTimeoutMs: number;
  readonly #known = new Map<string, number>();
  /** What is asked with the next request, by type. */
  readonly #questions = new Map<CoordinatorType, Question[]>();

  constructor(cluster: Cluster, requestTimeoutMs: number) {
    this.#cluster = cluster;
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  /**
   * Node id of the coordinator of `key`: a group id, a transactional id, or a share group's partition. Asks as often
   * as the deadline allows while there is none, as when its partition of `__consumer_offsets` moves.
   *
   * @throws TimeoutError saying what stood in the way.
   * @throws BrokerError at once when waiting cannot help, such as `GROUP_AUTHORIZATION_FAILED`.
   */
  async find(type: CoordinatorType, key: string, options: WaitOptions): Promise<number> {
    let failure: unknown = null;
    const expired = (): Error => {
      const why = failure === null ? this.#cluster.diagnosis() : messageOf(failure);
      const message = `The coordinator of ${type} "${key}" was not found within ${options.deadline.timeoutMs} ms`;
      return new TimeoutError("TIMEOUT", `${message}${why === "" ? "" : `: ${why}`}`, {
        ...(failure === null ? {} : { cause: failure }),
      });
    };
    for (let attempt = 1; ; attempt++) {
      const known = this.#known.get(`${type} ${key}`);
      if (known !== undefined) return known;
      try {
        const { clock } = this.#cluster;
        const asked = this.#ask(type, key);
        const { broker, errorCode, errorMessage, ...found } = await within(
          clock,
          asked,
          options.deadline,
          options.signal,
          expired,
        );
        if (errorCode === 0) return this.#learn(type, key, found);
        throw new BrokerError(errorCode, {
          broker,
          apiKey: FindCoordinator.apiKey,
          brokerMessage: errorMessage ?? `${type} "${key}"`,
          retriable: errorCodeOf(errorCode).retriable,
        });
      } catch (error) {
        if (!isRetriable(error) || options.deadline.expired) throw error;
        failure = error;
      }
      await this.#cluster.pause(attempt, options, expired);
    }
  }

  /**
   * Asks once whether another broker than `nodeId` is the coordinator by now. If so, the next caller gets that one.
   *
   * @throws what asking came to.
   */
  async hasMoved(
    type: CoordinatorType,
    key: string,
    nodeId: number,
    options: Pick<RequestOptions, "purpose" | "signal">,
  ): Promise<boolean> {
    const { response, version } = await this.#cluster.requestFirst(
      FindCoordinator,
      (usable) => questionFor(type, [key], usable),
      { ...options, timeoutMs: this.#requestTimeoutMs, last: nodeId },
    );
    const found = answersIn(response, version, key).get(key);
    if (found === undefined || found.errorCode !== 0 || found.nodeId === nodeId) return false;
    this.#learn(type, key, found);
    return true;
  }

  /** Says that `nodeId` answered NOT_COORDINATOR or could not be reached; the next caller asks again. */
  forget(type: CoordinatorType, key: string, nodeId: number): void {
    // Another caller may have found the new one already.
    if (this.#known.get(`${type} ${key}`) === nodeId) this.#known.delete(`${type} ${key}`);
  }

  #learn(type: CoordinatorType, key: string, { nodeId, host, port }: Omit<BrokerMetadata, "rack">): number {
    const rack = this.#cluster.metadata.brokers.get(nodeId)?.rack ?? null;
    this.#cluster.learnBrokers([{ nodeId, host, port, rack }]);
    this.#known.set(`${type} ${key}`, nodeId);
    return nodeId;
  }

  /** Asks together with whoever asks in the same run of code. */
  #ask(type: CoordinatorType, key: string): Promise<Found & { readonly broker: string }> {
    return new Promise((resolve, reject) => {
      const question: Question = { key, resolve, reject };
      const questions = this.#questions.get(type);
      if (questions !== undefined) {
        questions.push(question);
        return;
      }
      this.#questions.set(type, [question]);
      queueMicrotask(() => {
        const asked = this.#questions.get(type) ?? [];
        this.#questions.delete(type);
        void this.#request(type, asked);
      });
    });
  }

  /** Never rejects: whatever happens is an answer to those who ask. */
  async #request(type: CoordinatorType, questions: readonly Question[]): Promise<void> {
    const keys = [...new Set(questions.map(({ key }) => key))];
    try {
      const { response, version, broker } = await this.#cluster.requestFirst(
        FindCoordinator,
        (usable) => questionFor(type, usable < FIRST_BATCHED_VERSION ? keys.slice(0, 1) : keys, usable),
        { timeoutMs: this.#requestTimeoutMs },
      );
      const found = answersIn(response, version, keys[0] as string);
      const unanswered: Question[] = [];
      for (const question of questions) {
        const answer = found.get(question.key);
        if (answer === undefined) unanswered.push(question);
        else question.resolve({ ...answer, broker });
      }
      if (unanswered.length === 0) return;
      if (unanswered.length === questions.length)
        throw new BrokerError(-1, { broker, apiKey: FindCoordinator.apiKey, retriable: true });
      // A broker that takes one key at a time.
      await this.#request(type, unanswered);
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  }
}

function questionFor(
  type: CoordinatorType,
  keys: readonly string[],
  version: number,
): InferInput<typeof FindCoordinatorRequest> {
  const keyType = KEY_TYPES.indexOf(type);
  return version < FIRST_BATCHED_VERSION
    ? { key: keys[0] as string, keyType }
    : { coordinatorKeys: keys, keyType };
}

function answersIn(
  response: FindCoordinatorResponse,
  version: number,
  firstKey: string,
): ReadonlyMap<string, Found> {
  return version < FIRST_BATCHED_VERSION
    ? new Map([[firstKey, response]])
    : new Map(response.coordinators.map((coordinator) => [coordinator.key, coordinator] as const));
}
