/**
 * What a transactional producer says to its coordinators, as the state machine of `transition.ts` wants it.
 *
 * A call that gives up, by its deadline or its signal, decides nothing: what it began goes on as far as its time
 * allows, and the same call once more goes on from there. No other can be made before its outcome is known.
 */

import type { Fields, Infer, MessageSchema } from "../../../protocol/schema.ts";
import type { Cluster } from "../../cluster.ts";
import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import type { Coordinators } from "../../coordinators.ts";
import { ClosedError, TimeoutError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { OffsetToCommit } from "../../offset-to-commit.ts";
import { Deadline, within } from "../../retry.ts";
import type { DeliveryCallback } from "../delivery.ts";
import type { IdentitySource, ProducerIdentity } from "../identity.ts";
import { CoordinatorRequests, type Outcome, type Question } from "./coordinator-requests.ts";
import { checkOffsetsOf } from "./offsets.ts";
import {
  endTxn,
  FIRST_INIT_PRODUCER_ID_WITH_EPOCH,
  initProducerId,
  LAST_PRODUCE_OF_VERSION_1,
} from "./questions.ts";
import { TransactionAdditions } from "./transaction-additions.ts";
import { errorClassOf } from "./transaction-errors.ts";
import { asError, illegal, isOwnFailure, wasAborted } from "./transaction-failures.ts";
import { AGAIN, NAMES, type OperationCall, TransactionOperation } from "./transaction-operation.ts";
import {
  type Ending,
  failureOf,
  initialState,
  isUnderWay,
  partitionKey,
  type TransactionCall,
  type TransactionEffect,
  type TransactionEvent,
  type TransactionState,
  type TransactionStep,
  type TransactionVersion,
} from "./transaction-state.ts";
import { DOINGS, transition } from "./transition.ts";

/** The records of the transaction, as whoever sends them keeps them. */
export interface TransactionRecords {
  /** Resolves when each record that was handed over so far was delivered or has failed. */
  flush(): Promise<void>;
  /** Fails what was not sent yet, and resolves when all that was sent was delivered or has failed. */
  drop(error: Error): Promise<void>;
}

/** What decides how transactions are made. */
export interface TransactionOptions {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly maxBlockMs: number;
  readonly requestTimeoutMs: number;
  readonly logger: Logger;
}

/** What a call can be given. */
export interface TransactionCallOptions {
  /** Gives up the wait. What was begun goes on, and the same call can be made again to learn what it came to. */
  readonly signal?: AbortSignal | undefined;
}

const DONE: Promise<void> = Promise.resolve();

/** Transactions of one producer. */
export class TransactionManager implements IdentitySource {
  readonly isTransactional = true;
  readonly transactionalId: string;
  onChange: () => void = () => {};
  readonly #cluster: Cluster;
  readonly #options: TransactionOptions;
  readonly #requests: CoordinatorRequests;
  readonly #additions: TransactionAdditions;
  #records: TransactionRecords = { flush: () => DONE, drop: () => DONE };
  #state: TransactionState;
  /** The last that was called, until somebody was told what it came to. */
  #operation: TransactionOperation | null = null;
  #lastRefusal: Error | null = null;
  #failure: { readonly of: TransactionState; readonly error: Error | null } | null = null;

  constructor(cluster: Cluster, coordinators: Coordinators, options: TransactionOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.transactionalId = options.transactionalId;
    this.#state = initialState(options.transactionalId);
    this.#requests = new CoordinatorRequests(cluster, coordinators, options.requestTimeoutMs, options.logger);
    this.#additions = new TransactionAdditions(cluster, this.#requests, {
      ...options,
      state: () => this.#state,
      failure: () => this.failure(),
      apply: (news) => this.#apply(news),
    });
  }

  /** Where the producer stands. */
  get state(): TransactionState {
    return this.#state;
  }

  get lastProduceVersion(): number {
    return this.#state.version === 1 ? LAST_PRODUCE_OF_VERSION_1 : Number.POSITIVE_INFINITY;
  }

  /** Says who keeps the records. */
  attach(records: TransactionRecords): void {
    this.#records = records;
  }

  /** Fences earlier producers of the transactional id, and ends a transaction that one of them left. */
  async initialize(options: TransactionCallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await this.#call("initialize", options);
  }

  async begin(options: TransactionCallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#refuseUntold("begin");
    const { phase } = this.#state;
    if (phase === "uninitialized" || phase === "initializing") await this.#call("initialize", options);
    this.#apply({ type: "begin" });
  }

  async commit(options: TransactionCallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await this.#call("commit", options);
  }

  async abort(options: TransactionCallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await this.#call("abort", options);
  }

  /**
   * Sends records as part of the transaction: it fails with them, whoever looks at what comes of them.
   *
   * @throws KafkaError when no record can be sent now.
   */
  sending<T>(send: () => Promise<T>): Promise<T> {
    this.#apply({ type: "send" });
    const { number } = this.#state;
    const sent = (async () => send())();
    sent.catch((error) => this.#recordFailed(number, error));
    return sent;
  }

  /**
   * The callback of a record that is part of the transaction.
   *
   * @throws KafkaError when no record can be sent now.
   */
  watching(callback: DeliveryCallback | null): DeliveryCallback {
    this.#apply({ type: "send" });
    const { number } = this.#state;
    return (error, metadata) => {
      if (error !== null) this.#recordFailed(number, error);
      callback?.(error, metadata);
    };
  }

  /** Aborts a transaction that is open, and waits for one that is being ended. */
  async finish(): Promise<void> {
    const { phase } = this.#state;
    if (phase === "in transaction" || phase === "abortable error") await this.abort();
    else if (this.#operation !== null && isUnderWay(this.#state)) await this.#operation.done;
  }

  /** Makes offsets part of the transaction. */
  async sendOffsets(
    offsets: readonly OffsetToCommit[],
    group: ConsumerGroupMetadata,
    { signal }: TransactionCallOptions = {},
  ): Promise<void> {
    checkOffsetsOf(group, offsets);
    signal?.throwIfAborted();
    this.#apply({ type: "send offsets" });
    if (offsets.length > 0) await this.#additions.sendOffsets(offsets, group, signal);
  }

  current(): ProducerIdentity | null {
    const { phase, identity } = this.#state;
    return phase === "initializing" || phase === "uninitialized" ? null : identity;
  }

  renew(refused: ProducerIdentity): void {
    const { identity } = this.#state;
    if (identity?.producerId !== refused.producerId || identity.producerEpoch !== refused.producerEpoch)
      return;
    const why = "nobody knows whether some of its records are written, so that none can follow them";
    const error = illegal(this.transactionalId, "go on with this transaction", why);
    const errorClass = "abortable with a higher epoch";
    this.#apply({ type: "batch failed", error, errorClass, mayBeWritten: true });
  }

  failure(): Error | null {
    const of = this.#state;
    if (this.#failure?.of !== of) {
      const error = of.phase === "aborting" ? wasAborted(this.transactionalId) : failureOf(of);
      this.#failure = { of, error };
    }
    return this.#failure.error;
  }

  trouble(): unknown {
    return this.#operation?.problem ?? this.#lastRefusal;
  }

  admits(topic: string, partition: number): boolean {
    const key = partitionKey(topic, partition);
    const known = this.#state.partitions.get(key);
    if (known !== undefined) return known.isAdded && this.#state.phase !== "fatal error";
    this.#apply({ type: "partition wanted", topic, partition });
    return this.#state.partitions.get(key)?.isAdded ?? false;
  }

  batchFailed(_topic: string, _partition: number, error: unknown, mayBeWritten: boolean): void {
    if (isOwnFailure(error)) return;
    const errorClass = errorClassOf("Produce", error);
    this.#apply({ type: "batch failed", error: asError(error), errorClass, mayBeWritten });
  }

  /** Nothing is asked for any more; what waits fails. */
  close(error: Error = new ClosedError("producer")): void {
    this.#apply({ type: "closed", error });
    this.#requests.close(error);
  }

  /** Starts what is to be done, or goes on with it, and waits for its end. */
  async #call(call: OperationCall, { signal }: TransactionCallOptions): Promise<void> {
    const { clock, observability } = this.#cluster;
    this.#refuseUntold(call);
    const deadline = new Deadline(clock, this.#options.maxBlockMs);
    if (this.#operation?.isSettled !== true) {
      const step = transition(this.#state, { type: call });
      if (!isUnderWay(step.state)) {
        this.#take(step);
        return;
      }
      this.#operation ??= new TransactionOperation(call, deadline);
      this.#operation.called(deadline);
      this.#take(step);
    }
    const operation = this.#operation as TransactionOperation;
    const expired = (): Error => this.#expired(operation, deadline);
    operation.waiting++;
    const waited = within(clock, operation.done, deadline, signal, expired).finally(() => {
      operation.waiting--;
      if (operation.isSettled && this.#operation === operation) this.#operation = null;
    });
    const what = `${NAMES[operation.call]} of transactional id "${this.transactionalId}"`;
    await observability.waits.during(waited, what, {
      timeoutMs: deadline.timeoutMs,
      inTheWay: () => operation.problem?.message ?? this.#cluster.diagnosis(),
    });
  }

  /** Whoever gave up on a call has to learn what it came to before anything else is done. */
  #refuseUntold(call: TransactionCall["type"]): void {
    const operation = this.#operation;
    if (operation?.isUntold !== true || operation.call === call) return;
    if (operation.call === "initialize" || this.#state.phase === "fatal error") {
      this.#operation = null;
      return;
    }
    const why = `its last ${operation.call} was given up before it was known what it came to. Call ${operation.call}Transaction() again, which tells`;
    throw illegal(this.transactionalId, DOINGS[call], why);
  }

  #expired({ call, problem }: TransactionOperation, { timeoutMs }: Deadline): Error {
    const why = problem?.message ?? this.#cluster.diagnosis();
    const message = `Waited ${timeoutMs} ms (maxBlockMs) for ${NAMES[call]} of transactional id "${this.transactionalId}"`;
    const cause = problem === null ? {} : { cause: problem };
    return new TimeoutError("TIMEOUT", `${message}${why === "" ? "" : `: ${why}`}. ${AGAIN[call]}`, cause);
  }

  #recordFailed(number: number, error: unknown): void {
    if (this.#state.number === number && !isOwnFailure(error))
      this.#apply({ type: "record failed", error: asError(error) });
  }

  #apply(event: TransactionEvent): void {
    this.#take(transition(this.#state, event));
  }

  #take({ state, effects }: TransactionStep): void {
    const before = this.#state.phase;
    this.#state = state;
    if (state.phase !== before) {
      const why = state.cause === null ? "" : `: ${state.cause.message}`;
      const id = `Transactional id "${this.transactionalId}"`;
      this.#options.logger.debug(`${id} went from ${before} to ${state.phase}${why}`);
    }
    for (const effect of effects) this.#run(effect);
    const operation = this.#operation;
    if (operation === null || operation.isSettled || isUnderWay(this.#state)) return;
    const refusal = this.#state.phase === "uninitialized" ? this.#lastRefusal : null;
    operation.settle(failureOf(this.#state) ?? refusal);
  }

  #run(effect: TransactionEffect): void {
    switch (effect.type) {
      case "wake":
        this.onChange();
        return;
      case "skip end":
        this.#apply({ type: "ended", identity: null, version: this.#agreedVersion() });
        return;
      case "add partitions":
        this.#additions.addPartitions();
        return;
      default: {
        const done =
          effect.type === "settle"
            ? this.#settle(effect.number, effect.ending)
            : effect.type === "end"
              ? this.#endTransaction(effect.ending, effect.version)
              : this.#initProducerId(effect.identity);
        done.catch((error) => this.close(asError(error)));
      }
    }
  }

  #agreedVersion(): TransactionVersion {
    return (this.#cluster.features.levels.get("transaction.version") ?? 0) >= 2 ? 2 : 1;
  }

  async #initProducerId(identity: ProducerIdentity | null): Promise<void> {
    const { transactionalId, transactionTimeoutMs } = this.#options;
    const question = initProducerId(transactionalId, transactionTimeoutMs, identity);
    const outcome = await this.#persist(() => (this.#state.phase === "initializing" ? question : null), {
      type: "init producer id",
      identity,
    });
    if (outcome.type === "answered") {
      const { response, version } = outcome.answer;
      const { producerId, producerEpoch } = response;
      this.#lastRefusal = null;
      this.#apply({
        type: "initialized",
        identity: { producerId, producerEpoch },
        canRaiseEpoch: version >= FIRST_INIT_PRODUCER_ID_WITH_EPOCH,
        version: this.#agreedVersion(),
      });
    } else if (outcome.type === "failed") {
      const { error, errorClass } = outcome;
      this.#lastRefusal = error;
      this.#apply({ type: "not initialized", error, errorClass });
    }
  }

  async #settle(number: number, ending: Ending): Promise<void> {
    if (ending === "commit") await this.#records.flush();
    else await this.#records.drop(wasAborted(this.transactionalId));
    await this.#additions.whenThrough();
    this.#apply({ type: "settled", number, ending });
  }

  async #endTransaction(ending: Ending, version: TransactionVersion): Promise<void> {
    const identity = this.#state.identity as ProducerIdentity;
    const question = endTxn(this.transactionalId, identity, ending === "commit", version);
    const phase = ending === "commit" ? "committing" : "aborting";
    const outcome = await this.#persist(() => (this.#state.phase === phase ? question : null), {
      type: "end",
      ending,
      version,
    });
    if (outcome.type === "answered") {
      const { producerId, producerEpoch } = outcome.answer.response;
      this.#apply({
        type: "ended",
        identity: producerId < 0n ? null : { producerId, producerEpoch },
        version: this.#agreedVersion(),
      });
    } else if (outcome.type === "failed") {
      const { error, errorClass } = outcome;
      this.#apply({ type: "not ended", error, errorClass });
    }
  }

  /** Asks for as long as the call that waits for it allows, and goes on with `effect` when that is made again. */
  async #persist<Request extends Fields, Response extends Fields>(
    next: () => Question<Request, Response> | null,
    effect: TransactionEffect,
  ): Promise<Outcome<Infer<MessageSchema<Response>>>> {
    const operation = this.#operation as TransactionOperation;
    const outcome = await this.#requests.persist(next, {
      deadline: () => operation.deadline,
      onProblem: (problem) => {
        operation.problem = problem;
      },
    });
    if (outcome.type === "undecided") operation.stopped(() => this.#run(effect));
    return outcome;
  }
}
