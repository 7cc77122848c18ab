/** `for await` over batches, and single polls. */

import type { Clock } from "../../platform/platform.ts";
import { Deadline, sleep } from "../retry.ts";
import type { ConsumerBatch } from "./consumer-batch.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import type { ReadingSession } from "./reading-session.ts";

/** Gives the records of one partition after another, `max` at most at once. */
export async function* batchLoop<K, V>(
  session: ReadingSession<K, V>,
  max: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ConsumerBatch<K, V>, void, undefined> {
  session.begin();
  let isInHand = false;
  try {
    for (;;) {
      session.ask();
      const batch = await nextBatch(session, max, signal);
      if (batch === null) return;
      isInHand = true;
      yield batch;
      isInHand = false;
    }
  } finally {
    session.end();
    if (isInHand) await session.leave("the loop over the batches was left");
  }
}

async function nextBatch<K, V>(
  session: ReadingSession<K, V>,
  max: number,
  signal: AbortSignal | undefined,
): Promise<ConsumerBatch<K, V> | null> {
  for (;;) {
    if (signal?.aborted) await session.cancelled(signal);
    if (session.isClosed) return null;
    const handed = await session.handOutBatch(max);
    if (handed !== null) return handed.batch;
    await session.wait(signal);
  }
}

/** How to poll. */
export interface PollLimits {
  readonly max: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Records of whatever partitions, as many as there are, `max` at most; none after `timeoutMs` without any. */
export async function poll<K, V>(
  session: ReadingSession<K, V>,
  clock: Clock,
  { max, timeoutMs, signal }: PollLimits,
): Promise<ConsumerRecord<K, V>[]> {
  session.begin();
  const over = new AbortController();
  try {
    session.ask();
    const deadline = new Deadline(clock, timeoutMs);
    const records: ConsumerRecord<K, V>[] = [];
    for (;;) {
      if (signal?.aborted) await session.cancelled(signal);
      try {
        const handed = session.isClosed ? null : await session.handOutBatch(max - records.length);
        if (handed !== null) for (const record of handed.batch.records) records.push(record);
        if (records.length >= max || (handed === null && records.length > 0)) return records;
        if (handed !== null) continue;
      } catch (error) {
        // Those that are in hand already are no reason to keep silent about it: the next poll says so.
        if (records.length === 0) throw error;
        session.reading.fail(error);
        return records;
      }
      if (session.isClosed || deadline.expired) return records;
      await Promise.race([
        session.wait(signal === undefined ? over.signal : AbortSignal.any([signal, over.signal])),
        sleep(clock, deadline.remainingMs, over.signal).catch(() => {
          // Records came before the time was up.
        }),
      ]);
    }
  } finally {
    over.abort();
    session.end();
  }
}
