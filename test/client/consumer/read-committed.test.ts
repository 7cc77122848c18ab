import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ListOffsets } from "../../../src/client/api.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { p, setUpFetcher } from "./fetcher-support.ts";

type Step =
  | { readonly kind: "write"; readonly producer: number; readonly count: number }
  | { readonly kind: "end"; readonly producer: number; readonly outcome: "commit" | "abort" };

const PLAIN = 0;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      producer: fc.integer({ min: PLAIN, max: 4 }),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      producer: fc.integer({ min: 1, max: 4 }),
      outcome: fc.constantFrom("commit" as const, "abort" as const),
    }),
  },
);

interface Written {
  readonly value: string;
  readonly offset: bigint;
  isCommitted: boolean;
}

/** Writes as the steps say, and ends what is open; what may be read then, in the order of the log. */
function write({ cluster }: ReturnType<typeof setUpFetcher>, steps: readonly Step[]): Written[] {
  const log = cluster.log("t");
  const written: Written[] = [];
  /** What producers have written in the transactions that are open. */
  const open = new Map<number, Written[]>();
  const sequences = new Map<number, number>();
  const end = (producer: number, outcome: "commit" | "abort"): void => {
    const records = open.get(producer);
    if (records === undefined) return;
    open.delete(producer);
    log.endTransaction(BigInt(producer), outcome);
    for (const record of records) record.isCommitted = outcome === "commit";
  };
  for (const each of steps) {
    const { producer } = each;
    if (each.kind === "end") {
      end(producer, each.outcome);
      continue;
    }
    const builder = new RecordBatchBuilder();
    for (let i = 0; i < each.count; i++) {
      const value = `${producer}-${written.length}`;
      const record = { value, offset: log.nextOffset + BigInt(i), isCommitted: producer === PLAIN };
      builder.append(1, null, value);
      written.push(record);
      if (producer !== PLAIN) open.set(producer, [...(open.get(producer) ?? []), record]);
    }
    const baseSequence = sequences.get(producer) ?? 0;
    sequences.set(producer, baseSequence + each.count);
    const producerId = BigInt(producer);
    const identity = { producerId, producerEpoch: 0, baseSequence, isTransactional: true };
    cluster.append("t", 0, builder.build(producer === PLAIN ? {} : identity));
  }
  for (const producer of [...open.keys()]) end(producer, producer % 2 === 0 ? "abort" : "commit");
  return written.filter(({ isCommitted }) => isCommitted);
}

describe("a reader of committed records", () => {
  it("gets exactly those, wherever answers and batches end and wherever it starts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 10 }),
        async (steps, maxPartitionFetchBytes, start) => {
          const parts = setUpFetcher({
            config: { isolationLevel: "read_committed", maxPartitionFetchBytes },
          });
          const { fetcher, platform, next, values, cluster, close } = parts;
          const expected = write(parts, steps);
          const end = cluster.log("t").nextOffset;
          const from = BigInt(start) < end ? BigInt(start) : end;
          fetcher.assign([{ ...p(0), from }]);
          const read: string[] = [];
          while ((fetcher.state(p(0))?.position ?? 0n) < end) {
            read.push(...(await platform.run(next().then(values))));
          }
          expect(read).toEqual(expected.filter(({ offset }) => offset >= from).map(({ value }) => value));
          close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gets nothing from behind a transaction that is open, and its lag ends in front of it", async () => {
    const parts = setUpFetcher({ config: { isolationLevel: "read_committed" } });
    const { fetcher, read, cluster, platform } = parts;
    const builder = new RecordBatchBuilder();
    builder.append(1, null, "open");
    parts.append(["a"]);
    cluster.append(
      "t",
      0,
      builder.build({ producerId: 9n, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
    );
    parts.append(["b"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(1)).toEqual(["a"]);
    await platform.clock.advance(1000);
    expect(fetcher.take()).toBeNull();
    expect(fetcher.state(p(0))).toMatchObject({
      position: 1n,
      endOffset: 1n,
      lastStableOffset: 1n,
      highWatermark: 3n,
    });
    cluster.log("t").endTransaction(9n, "abort");
    parts.append(["c"]);
    expect(await read(2)).toEqual(["b", "c"]);
    expect(fetcher.state(p(0))).toMatchObject({ position: 5n, endOffset: 5n });
  });

  it("starts at the last stable offset when it starts at the end", async () => {
    const parts = setUpFetcher({ config: { isolationLevel: "read_committed" } });
    const { fetcher, read, cluster, platform } = parts;
    const builder = new RecordBatchBuilder();
    builder.append(1, null, "in the transaction");
    parts.append(["a"]);
    cluster.append(
      "t",
      0,
      builder.build({ producerId: 9n, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
    );
    fetcher.assign([{ ...p(0), from: "latest" }]);
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(100);
    expect(fetcher.state(p(0))?.position).toBe(1n);
    cluster.log("t").endTransaction(9n, "commit");
    expect(await read(1)).toEqual(["in the transaction"]);
    expect(cluster.broker(1).of(ListOffsets)[0]?.body.isolationLevel).toBe(1);
  });
});

it("a reader of everything gets aborted records too, and no markers", async () => {
  const parts = setUpFetcher();
  const steps: Step[] = [
    { kind: "write", producer: 2, count: 2 },
    { kind: "end", producer: 2, outcome: "abort" },
    { kind: "write", producer: PLAIN, count: 1 },
  ];
  expect(write(parts, steps).map(({ value }) => value)).toEqual(["0-2"]);
  parts.fetcher.assign([{ ...p(0), from: 0n }]);
  expect(await parts.read(3)).toEqual(["2-0", "2-1", "0-2"]);
  expect(parts.fetcher.state(p(0))?.position).toBe(4n);
});
