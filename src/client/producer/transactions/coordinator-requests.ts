/** Asks the coordinators of a transaction, until they answer for good. */

import type { Fields, Infer, MessageSchema } from "../../../protocol/schema.ts";
import { AbortGroup } from "../../abort-group.ts";
import type { Api } from "../../api.ts";
import type { Cluster } from "../../cluster.ts";
import type { Coordinators, CoordinatorType } from "../../coordinators.ts";
import { BrokerError, messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { Answer, RequestValue } from "../../request.ts";
import { type Deadline, sleep } from "../../retry.ts";
import { EndTxn } from "./apis.ts";
import { type ErrorClass, errorClassOf, mayPass, type TransactionalApi } from "./transaction-errors.ts";
import { asError } from "./transaction-failures.ts";

/** What a part of an answer says. */
export interface PartialResult {
  readonly errorCode: number;
  readonly topic?: string;
  readonly partition?: number;
}

/** What is asked, and how its answer is to be read. */
export interface Question<Request extends Fields, Response extends Fields> {
  readonly name: TransactionalApi;
  readonly api: Api<Request, Response>;
  readonly value: RequestValue<Request>;
  /** Highest version that means what is meant here. */
  readonly maxVersion: number;
  /** Who has to be asked. */
  readonly coordinator: CoordinatorType;
  /** The transactional id, or the group. */
  readonly key: string;
  readonly results: (response: Infer<MessageSchema<Response>>) => readonly PartialResult[];
}

/** What it came to. */
export type Outcome<Response> =
  | { readonly type: "answered"; readonly answer: Answer<Response> }
  | { readonly type: "failed"; readonly error: Error; readonly errorClass: ErrorClass }
  /** The time was up, with nothing decided. */
  | { readonly type: "undecided"; readonly problem: Error }
  /** There is nothing to ask any more. */
  | { readonly type: "given up" };

/** How long something is asked. */
export interface Persistence {
  /** Read anew each time, since it may be extended. */
  readonly deadline: () => Deadline;
  /** Called when an attempt got no answer, so that it may or may not have been heeded. */
  readonly onNothingHeard?: () => void;
  /** Is told why an attempt has to be repeated. */
  readonly onProblem?: (problem: Error) => void;
}

/**
 * Brokers answer that a transaction is still being ended for some milliseconds at most, so that pauses begin
 * shorter than others.
 */
const CONCURRENT_TRANSACTIONS_PAUSE_MS = 20;

const INVALID_TXN_STATE = 48;
const HAS_ENDED =
  "it has ended the other way, perhaps because it took longer than transactionTimeoutMs and was aborted";

/** From worst to best: of several results the worst one counts. */
const RANKS: readonly ErrorClass[] = [
  "invalid configuration",
  "application recoverable",
  "abortable with a higher epoch",
  "abortable",
  "refresh retriable",
  "retriable",
];

export class CoordinatorRequests {
  readonly #cluster: Cluster;
  readonly #coordinators: Coordinators;
  readonly #requestTimeoutMs: number;
  readonly #logger: Logger;
  readonly #running = new AbortGroup();
  /** A coordinator answers CONCURRENT_TRANSACTIONS to whoever does not wait for its last answer. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(cluster: Cluster, coordinators: Coordinators, requestTimeoutMs: number, logger: Logger) {
    this.#cluster = cluster;
    this.#coordinators = coordinators;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#logger = logger;
  }

  /**
   * Asks as often as may help. Never rejects.
   *
   * @param next What to ask in the next attempt; null to give up.
   */
  async persist<Request extends Fields, Response extends Fields>(
    next: () => Question<Request, Response> | null,
    { deadline, onNothingHeard, onProblem }: Persistence,
  ): Promise<Outcome<Infer<MessageSchema<Response>>>> {
    for (let attempt = 1; ; attempt++) {
      const question = next();
      if (question === null) return { type: "given up" };
      let error: unknown;
      try {
        const answer = await this.#inTurn(() => this.#ask(next, deadline(), onNothingHeard));
        return answer === null ? { type: "given up" } : { type: "answered", answer };
      } catch (thrown) {
        error = thrown;
      }
      const errorClass = errorClassOf(question.name, error);
      if (!mayPass(errorClass)) return { type: "failed", error: asError(error), errorClass };
      onProblem?.(asError(error));
      if (deadline().expired) return { type: "undecided", problem: asError(error) };
      this.#logger.debug(
        `${question.name} for ${question.coordinator} "${question.key}" is sent again: ${messageOf(error)}`,
      );
      try {
        await this.#pause(attempt, error, deadline());
      } catch (closed) {
        return { type: "failed", error: asError(closed), errorClass: "application recoverable" };
      }
    }
  }

  /** Ends all that is under way. */
  close(reason: Error): void {
    this.#running.abort(reason);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const mine = before.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #ask<Request extends Fields, Response extends Fields>(
    next: () => Question<Request, Response> | null,
    deadline: Deadline,
    onNothingHeard: (() => void) | undefined,
  ): Promise<Answer<Infer<MessageSchema<Response>>> | null> {
    const first = next();
    if (first === null) return null;
    const { coordinator, key } = first;
    const nodeId = await this.#running.run((signal) =>
      this.#coordinators.find(coordinator, key, { deadline, signal }),
    );
    // The search may have taken its time.
    const question = next();
    if (question === null) return null;
    const { api, value, maxVersion, name } = question;
    try {
      const answer = await this.#running.run((signal) =>
        this.#cluster.request(nodeId, api, value, {
          timeoutMs: this.#requestTimeoutMs,
          maxVersion,
          signal,
        }),
      );
      const worst = this.#worst(question, answer);
      if (worst !== null) throw worst;
      return answer;
    } catch (error) {
      if (!(error instanceof BrokerError)) onNothingHeard?.();
      if (errorClassOf(name, error) === "refresh retriable")
        this.#coordinators.forget(coordinator, key, nodeId);
      throw error;
    }
  }

  #worst<Request extends Fields, Response extends Fields>(
    { name, api, results }: Question<Request, Response>,
    { response, version, broker }: Answer<Infer<MessageSchema<Response>>>,
  ): BrokerError | null {
    const errors = results(response)
      .filter(({ errorCode }) => errorCode !== 0)
      .map(
        ({ errorCode, topic, partition }) =>
          new BrokerError(errorCode, {
            broker,
            apiKey: api.apiKey,
            apiVersion: version,
            ...(api.apiKey === EndTxn.apiKey && errorCode === INVALID_TXN_STATE ? { remedy: HAS_ENDED } : {}),
            ...(topic === undefined ? {} : { topic }),
            ...(partition === undefined ? {} : { partition }),
          }),
      );
    const rank = (error: BrokerError): number => {
      const known = RANKS.indexOf(errorClassOf(name, error));
      // It only says that another one is at fault.
      return error.code === "OPERATION_NOT_ATTEMPTED" ? RANKS.length : known;
    };
    errors.sort((a, b) => rank(a) - rank(b));
    return errors[0] ?? null;
  }

  async #pause(attempt: number, error: unknown, deadline: Deadline): Promise<void> {
    const usualMs = this.#cluster.retryDelayMs(attempt);
    const isConcurrent = error instanceof BrokerError && error.code === "CONCURRENT_TRANSACTIONS";
    const delayMs = isConcurrent ? Math.min(usualMs, CONCURRENT_TRANSACTIONS_PAUSE_MS * attempt) : usualMs;
    await this.#running.run((signal) =>
      sleep(this.#cluster.clock, Math.min(delayMs, deadline.remainingMs), signal),
    );
  }
}
