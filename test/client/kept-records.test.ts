import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConsumerRecord } from "../../src/client/consumer/consumer-record.ts";
import type { Answer, FetchedRecords } from "../../src/client/consumer/fetch-state.ts";
import { p, setUpFetcher } from "./consumer/fetcher-support.ts";

const PARTITIONS = 3;
const RECORDS = 30;

/** Such that answers are large enough for their memory to be used again. */
const textFor = (partition: number, i: number): string => `${partition}/${i}:`.padEnd(40_000, `${i % 10}`);

/** What is done with what was taken: records of it are read, then the rest, or reading goes on elsewhere. */
type Step = { readonly read: number; readonly after: "rest" | "seek" | "remove" };

const steps = fc.array(
  fc.record<Step>({
    read: fc.nat(4),
    after: fc.constantFrom("rest", "rest", "rest", "seek", "remove"),
  }),
  { minLength: 5, maxLength: 25 },
);

describe("records that the application keeps", () => {
  it("stay as they were, whatever is read after them, and wherever reading is sent", async () => {
    let reused = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const { fetcher, append, platform, next, readerOf, close } = setUpFetcher({
          partitions: PARTITIONS,
          config: { maxPartitionFetchBytes: 100_000 },
        });
        for (let partition = 0; partition < PARTITIONS; partition++)
          for (let i = 0; i < RECORDS; i++) append([textFor(partition, i)], partition);
        const all = Array.from({ length: PARTITIONS }, (_, partition) => ({ ...p(partition), from: 0n }));
        fetcher.assign(all);
        const kept: ConsumerRecord[] = [];
        const answers = new Map<ArrayBufferLike, Answer>();
        const take = async (fetched: FetchedRecords, { read, after }: Step): Promise<void> => {
          const { answer } = fetched;
          const frame = fetched.batches[0]?.bytes.buffer as ArrayBufferLike;
          if (answers.has(frame) && answers.get(frame) !== answer) reused++;
          answers.set(frame, answer);
          const reader = readerOf(fetched);
          const { partition } = fetched.state;
          let left = after === "rest" ? Number.POSITIVE_INFINITY : read;
          while (left > 0 && (await reader.nextBatch())) {
            for (let record = reader.record(); record !== null && left > 0; record = reader.record()) {
              kept.push(record);
              left--;
            }
          }
          if (after === "seek") fetcher.seek(p(partition), 0n);
          if (after === "remove") {
            fetcher.remove([p(partition)]);
            fetcher.add([{ ...p(partition), from: 0n }]);
          }
          fetcher.done(fetched);
          // Whatever is left of it is not for this reader any more.
          if (after !== "rest") expect([reader.record(), await reader.nextBatch()]).toEqual([null, false]);
        };
        for (const step of given) {
          if (fetcher.states.every(({ position }) => position === BigInt(RECORDS))) break;
          await platform.run(next().then((fetched) => take(fetched, step)));
        }
        for (const { partition, offset, value, leaderEpoch } of kept) {
          expect(new TextDecoder().decode(value as Uint8Array)).toBe(textFor(partition, Number(offset)));
          expect(leaderEpoch).toBeGreaterThanOrEqual(0);
        }
        close();
      }),
      { numRuns: 12 },
    );
    expect(reused).toBeGreaterThan(0);
  });
});
