import { abortReason } from "../errors.ts";
import type { FrameMemory } from "../frame-memory.ts";
import type { Waits } from "../observe/waits.ts";
import type { Cursor, FetchedRecords, PartitionState } from "./fetch-state.ts";
import { type Ready, ReadyQueue } from "./ready-queue.ts";

/** What was fetched and not yet read to its end: what of it comes next, and how much memory it takes. */
export class FetchBuffer {
  readonly #ready = new ReadyQueue();
  /** Ready or handed out. */
  readonly #unread = new Set<FetchedRecords>();
  readonly #waiting = new Set<() => void>();
  #hasNews = false;
  #bytes = 0;
  #heldBytes = 0;
  readonly #memory: FrameMemory;

  /** @param memory gets that of answers that were read */
  constructor(memory: FrameMemory) {
    this.#memory = memory;
  }

  /** Bytes of the record batches. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of the answers that they lie in: one that has been read but for one partition is held whole. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether the reader has last found nothing, and nothing has come since. */
  get isAskedInVain(): boolean {
    return !this.#hasNews;
  }

  deliver(fetched: FetchedRecords): void {
    const { answer, bytes, cursor } = fetched;
    if (answer.unreadPartitions === 0) this.#heldBytes += answer.bytes;
    answer.unreadPartitions++;
    cursor.unread++;
    this.#bytes += bytes;
    this.#unread.add(fetched);
    this.#ready.push(fetched);
    this.wake();
  }

  /** Tells of an error. Once per partition is enough: while that is not heard, further attempts fail alike. */
  fail(state: PartitionState, error: unknown): void {
    if (!this.#ready.hasFailure(state)) this.#ready.push({ state, error });
    this.wake();
  }

  /** What comes next of the partitions that are accepted; null where there is nothing. */
  take(accept: (state: PartitionState) => boolean): Ready | null {
    const ready = this.#ready.take(accept);
    if (ready === null) this.#hasNews = false;
    return ready;
  }

  /** Says that records were read to their end, or are to be forgotten. Saying it twice does no harm. */
  done(fetched: FetchedRecords): void {
    if (!this.#unread.delete(fetched)) return;
    const { answer, batches, bytes, cursor } = fetched;
    cursor.unread--;
    this.#bytes -= bytes;
    answer.unreadPartitions--;
    if (answer.unreadPartitions > 0) return;
    this.#heldBytes -= answer.bytes;
    for (const batch of batches.slice(0, 1)) this.#memory.giveBack(batch.bytes.buffer);
  }

  /** Reading of the partition goes on by this cursor: what was fetched for the former one is dropped. */
  restart(state: PartitionState, cursor: Cursor): void {
    const former = state.cursor;
    state.cursor = cursor;
    this.#drop(state);
    former.abandon();
  }

  /** What was fetched of the partition and not read is dropped, to be fetched again from where reading stands. */
  rewind(state: PartitionState): void {
    this.#drop(state);
    state.cursor.stopReader();
    state.cursor.goBack();
  }

  #drop(state: PartitionState): void {
    for (const ready of this.#ready.drop(state)) if ("answer" in ready) this.done(ready);
    state.fullSinceMs = null;
  }

  /**
   * Partitions that only hold memory: what is ready of them will not be asked for soon, and nothing is handed out.
   *
   * @param isIdle whether the partition is not to be read now
   */
  holders(isIdle: (state: PartitionState) => boolean): PartitionState[] {
    return this.#ready
      .states()
      .filter(
        (state) =>
          isIdle(state) && state.cursor.unread > 0 && state.cursor.unread === this.#ready.count(state),
      );
  }

  /** Waits for {@link wake}, unless something has come since there was last nothing to take. */
  async news(signal: AbortSignal | undefined, what: string, waits: Waits): Promise<void> {
    signal?.throwIfAborted();
    if (this.#hasNews) return;
    const woken = new Promise<void>((resolve, reject) => {
      const settle = (finish: () => void): void => {
        this.#waiting.delete(wake);
        signal?.removeEventListener("abort", aborted);
        finish();
      };
      const wake = (): void => settle(resolve);
      const aborted = (): void => settle(() => reject(abortReason(signal as AbortSignal)));
      this.#waiting.add(wake);
      signal?.addEventListener("abort", aborted);
    });
    await waits.during(woken, what, { patienceMs: Number.POSITIVE_INFINITY });
  }

  wake(): void {
    this.#hasNews = true;
    for (const wake of [...this.#waiting]) wake();
  }

  clear(): void {
    this.#ready.clear();
    this.#unread.clear();
    this.#bytes = 0;
    this.#heldBytes = 0;
    this.wake();
  }
}
