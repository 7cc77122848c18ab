/**
 * Keeps fetches going to the brokers of the partitions that are read, and holds the answers until they are.
 *
 * While an answer with records of a partition is read, the next one is fetched. Each fetch names every partition that
 * is read from the broker, so that none has to wait for a fetch that waits for others. What is held is bounded by
 * twice `fetchMaxBytes` over all brokers, but for single batches that are larger, and for answers that stay because
 * partitions in them are read slowly while others are waited for.
 *
 * Everything that is under way for a partition holds the {@link Cursor} that it is for. A seek, a removal, a new
 * assignment make a new one, so what comes for the former is dropped.
 */

import { KafkaError } from "../../protocol/errors.ts";
import type { Cluster } from "../cluster.ts";
import { ConfigError } from "../errors.ts";
import { ConsumerObserver } from "../observe/consumer-observer.ts";
import {
  formatPartition,
  type LookedUpPosition,
  type PartitionAssignment,
  type StartPosition,
  type TopicPartition,
} from "./assignment.ts";
import { FetchBuffer } from "./fetch-buffer.ts";
import { FetchLoop } from "./fetch-loop.ts";
import { Cursor, type FetchedRecords, PartitionState } from "./fetch-state.ts";
import type { FetcherOptions } from "./fetcher-options.ts";
import { resetPosition } from "./offset-reset.ts";

/** Runs the fetching of one consumer. */
export class Fetcher {
  readonly #observer: ConsumerObserver;
  readonly #buffer: FetchBuffer;
  readonly #loop: FetchLoop;
  readonly #reset: LookedUpPosition | null;
  readonly #isCommittedOnly: boolean;
  readonly #partitions = new Map<string, PartitionState>();
  #states: readonly PartitionState[] = [];
  /** Counts calls of `assign` and `close`. */
  #assignments = 0;

  constructor(cluster: Cluster, options: FetcherOptions) {
    this.#buffer = new FetchBuffer(cluster.frameMemory);
    this.#observer = new ConsumerObserver(
      cluster.observability,
      () => this.#states,
      () => this.#buffer.bytes,
    );
    this.#loop = new FetchLoop(cluster, options, this.#buffer, this.#observer);
    this.#reset = resetPosition(options.config.autoOffsetReset);
    this.#isCommittedOnly = options.config.isolationLevel === "read_committed";
  }

  /** What is read, in the order in which it was assigned and added. */
  get states(): readonly PartitionState[] {
    return this.#states;
  }

  state(partition: TopicPartition): PartitionState | undefined {
    return this.#partitions.get(formatPartition(partition));
  }

  /** Replaces what is read; whatever was under way or fetched is dropped. */
  assign(partitions: readonly PartitionAssignment[]): void {
    this.#stop(new KafkaError("ASSIGNMENT_CHANGED", "The assignment changed while this was under way"));
    this.#add(partitions, false);
  }

  /**
   * Reads these beside what is read already, which goes on undisturbed.
   *
   * @param options.held as after {@link hold}: they wait for {@link start} or {@link letGo}
   */
  add(partitions: readonly PartitionAssignment[], options: { readonly held?: boolean } = {}): void {
    this.#add(partitions, options.held ?? false);
    this.#loop.pump();
  }

  /** Reads these no more. What was fetched of them, and answers that are under way for them, are dropped. */
  remove(partitions: readonly TopicPartition[]): void {
    for (const state of this.#known(partitions)) {
      this.#partitions.delete(formatPartition(state));
      this.#loop.remove(state);
      this.#buffer.restart(state, new Cursor(undefined, null));
    }
    this.#states = [...this.#partitions.values()];
    this.#loop.pump();
  }

  /** Neither hands out nor fetches; what was fetched is kept. For the consumer itself. */
  hold(partitions: readonly TopicPartition[]): void {
    for (const state of this.#known(partitions)) state.isHeld = true;
  }

  letGo(partitions: readonly TopicPartition[]): void {
    for (const state of this.#known(partitions)) state.isHeld = false;
    this.#changed();
  }

  /** Says where to begin with a partition, and lets it go. */
  start(partition: TopicPartition, from: StartPosition): void {
    this.#restart(partition, from).isHeld = false;
    this.#changed();
  }

  /** As {@link hold}, for the user. */
  pause(partitions: readonly TopicPartition[]): void {
    for (const state of this.#known(partitions)) state.isPaused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const state of this.#known(partitions)) state.isPaused = false;
    this.#changed();
  }

  paused(): TopicPartition[] {
    return this.#states
      .filter(({ isPaused }) => isPaused)
      .map(({ topic, partition }) => ({ topic, partition }));
  }

  /**
   * Goes on elsewhere. What was fetched of the partition is dropped, and a reader of it has nothing more.
   *
   * @throws ConfigError when the partition is not read.
   */
  seek(partition: TopicPartition, to: StartPosition): void {
    this.#restart(partition, to);
    this.#changed();
  }

  /**
   * What was fetched of one partition; null while there is nothing. Partitions take turns.
   *
   * @param accept which partitions may be handed out now; default: all
   * @throws what stopped the fetching of a partition; the next call goes on.
   */
  take(accept: (state: PartitionState) => boolean = () => true): FetchedRecords | null {
    this.#loop.run();
    const ready = this.#buffer.take(
      (state) => !state.isHeld && !state.isPaused && !state.cursor.isSuspect && accept(state),
    );
    if (ready === null) {
      this.#loop.askedInVain();
      return null;
    }
    if ("error" in ready) throw ready.error;
    return ready;
  }

  /**
   * Waits until {@link take} may have something, after it had nothing, or for {@link wake}.
   *
   * @throws the signal's reason.
   */
  async ready(signal?: AbortSignal): Promise<void> {
    this.#loop.run();
    const what = `records of ${this.#states.length} partitions that are read`;
    await this.#buffer.news(signal, what, this.#observer.waits);
  }

  /** Ends a wait for records. */
  wake(): void {
    this.#buffer.wake();
  }

  /**
   * The next fetched records, when there are some; null when `assign` or `close` was called meanwhile.
   *
   * @throws what stopped the fetching of a partition; the next call goes on.
   */
  async next(signal?: AbortSignal): Promise<FetchedRecords | null> {
    const assignment = this.#assignments;
    while (assignment === this.#assignments) {
      const fetched = this.take();
      if (fetched !== null) return fetched;
      await this.ready(signal);
    }
    return null;
  }

  /** Says that fetched records were read, so that more may be fetched. */
  done(fetched: FetchedRecords): void {
    this.#buffer.done(fetched);
    this.#loop.done(fetched);
  }

  /** Drops what was fetched of a partition, and fetches again from where reading stands. */
  rewind(fetched: FetchedRecords): void {
    const { state, cursor } = fetched;
    if (state.cursor === cursor) this.#buffer.rewind(state);
    this.done(fetched);
  }

  /** Ends all fetching for good. */
  close(reason: Error): void {
    this.#stop(reason);
    this.#loop.endSessions();
    this.#observer.close();
  }

  #stop(reason: Error): void {
    this.#assignments++;
    this.#loop.stop(reason);
    for (const { cursor } of this.#states) cursor.abandon();
    this.#partitions.clear();
    this.#states = [];
    this.#buffer.clear();
  }

  #add(partitions: readonly PartitionAssignment[], isHeld: boolean): void {
    for (const { topic, partition, from } of partitions) {
      const cursor = new Cursor(from, this.#reset);
      const state = new PartitionState({ topic, partition }, cursor, this.#isCommittedOnly, isHeld);
      this.#partitions.set(formatPartition(state), state);
      this.#loop.add(state);
    }
    this.#states = [...this.#partitions.values()];
  }

  #restart(partition: TopicPartition, from: StartPosition): PartitionState {
    const state = this.state(partition);
    if (state === undefined) {
      throw new ConfigError(`${formatPartition(partition)} is not assigned to this consumer`);
    }
    this.#buffer.restart(state, new Cursor(from, this.#reset));
    return state;
  }

  #known(partitions: readonly TopicPartition[]): PartitionState[] {
    return partitions.map((each) => this.state(each)).filter((state) => state !== undefined);
  }

  /** Something that was there already may be handed out or fetched now. */
  #changed(): void {
    this.#loop.pump();
    this.#buffer.wake();
  }
}
