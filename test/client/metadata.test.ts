import { describe, expect, it } from "vitest";
import { applyMetadata, type ClusterMetadata, EMPTY_METADATA } from "../../src/client/metadata.ts";
import { decode, encode } from "../../src/protocol/compile.ts";
import type { MetadataResponse } from "../../src/protocol/messages/metadata.ts";
import { MetadataResponse as schema } from "../../src/protocol/messages/metadata.ts";
import type { InferInput } from "../../src/protocol/schema.ts";

type Input = InferInput<typeof schema>;

const A = "topicA000000000000000A";
const B = "topicB000000000000000A";

/** A response as a broker would send it, with everything that is not said at its default. */
function response(value: Input): MetadataResponse {
  return decode(
    schema,
    13,
    encode(schema, 13, { brokers: [{ nodeId: 1, host: "b1", port: 9092 }], ...value }),
  );
}

function topic(
  name: string,
  leaders: readonly (readonly [id: number, epoch: number])[],
  topicId: string | null = A,
) {
  const partitions = leaders.map(([leaderId, leaderEpoch], partitionIndex) => ({
    partitionIndex,
    leaderId,
    leaderEpoch,
  }));
  return { name, partitions, ...(topicId === null ? {} : { topicId }) };
}

/** What is known after these responses, one after another. */
function learned(...responses: readonly Input[]): ClusterMetadata {
  return responses.reduce<ClusterMetadata>(
    (known, value) => applyMetadata(known, response(value)),
    EMPTY_METADATA,
  );
}

const leaders = ({ topics }: ClusterMetadata, name = "t"): number[] | undefined =>
  topics.get(name)?.partitions.map(({ leaderId }) => leaderId);

describe("applyMetadata", () => {
  it("takes over what a first response says", () => {
    const known = learned({
      clusterId: "c",
      controllerId: 1,
      brokers: [{ nodeId: 1, host: "b1", port: 9092, rack: "r" }],
      topics: [
        { ...topic("t", [[1, 0]]), isInternal: true },
        { name: "u", errorCode: 3 },
      ],
    });
    expect(known).toMatchObject({ clusterId: "c", controllerId: 1 });
    expect([...known.brokers.values()]).toEqual([{ nodeId: 1, host: "b1", port: 9092, rack: "r" }]);
    expect(known.topics.get("t")).toMatchObject({ name: "t", topicId: A, isInternal: true });
    expect([...known.topicErrors]).toEqual([["u", 3]]);
  });

  it("changes nothing in what was known before", () => {
    const before = learned({ topics: [topic("t", [[1, 0]])] });
    const copy = structuredClone(before);
    applyMetadata(
      before,
      response({ brokers: [], topics: [topic("t", [[2, 1]]), { name: "u", errorCode: 3 }] }),
    );
    expect(before).toEqual(copy);
  });

  it("keeps topics that were not asked for, and knows only the brokers told last", () => {
    const known = learned(
      { clusterId: "c", topics: [topic("t", [[1, 0]])] },
      { brokers: [{ nodeId: 7, host: "b7", port: 1 }], topics: [topic("u", [[7, 0]], B)] },
    );
    expect([...known.topics.keys()]).toEqual(["t", "u"]);
    expect([...known.brokers.keys()]).toEqual([7]);
    expect(known.clusterId).toBe("c");
  });

  it.each([
    ["a newer epoch", 1, 5, 2, 6, 2],
    ["the same epoch", 1, 5, 2, 5, 2],
    ["an older epoch is not believed", 1, 5, 2, 4, 1],
    ["a broker that tells no epoch", 1, 5, 2, -1, 2],
    ["the first epoch there is", 1, -1, 2, 0, 2],
  ])("weighs leaders by their epoch: %s", (_, id, epoch, nextId, nextEpoch, expected) => {
    const known = learned(
      { topics: [topic("t", [[id, epoch]])] },
      { topics: [topic("t", [[nextId, nextEpoch]])] },
    );
    expect(leaders(known)).toEqual([expected]);
  });

  it("weighs each partition by itself, and takes new ones", () => {
    const first = {
      topics: [
        topic("t", [
          [1, 5],
          [1, 5],
        ]),
      ],
    };
    const second = {
      topics: [
        topic("t", [
          [2, 4],
          [2, 6],
          [2, 0],
        ]),
      ],
    };
    expect(leaders(learned(first, second))).toEqual([1, 2, 2]);
  });

  it.each([
    ["made anew under another id", A, B],
    ["given an id", null, A],
  ])("starts over with a topic that was %s", (_, topicId, next) => {
    const known = learned(
      { topics: [topic("t", [[1, 9]], topicId)] },
      { topics: [topic("t", [[2, 0]], next)] },
    );
    expect(leaders(known)).toEqual([2]);
    expect(known.topics.get("t")?.topicId).toBe(next);
  });

  it("forgets a topic that is gone, and the error of one that is there", () => {
    const gone = learned({ topics: [topic("t", [[1, 0]])] }, { topics: [{ name: "t", errorCode: 3 }] });
    expect([leaders(gone), gone.topicErrors.get("t")]).toEqual([undefined, 3]);
    const back = applyMetadata(gone, response({ topics: [topic("t", [[1, 0]])] }));
    expect([leaders(back), back.topicErrors.get("t")]).toEqual([[1], undefined]);
  });

  it("knows no id where brokers have none", () => {
    expect(learned({ topics: [topic("t", [[1, 0]], null)] }).topics.get("t")?.topicId).toBeNull();
  });

  it("brings partitions into order", () => {
    const partitions = [2, 0, 1].map((partitionIndex) => ({ partitionIndex, leaderId: 10 + partitionIndex }));
    expect(leaders(learned({ topics: [{ name: "t", topicId: A, partitions }] }))).toEqual([10, 11, 12]);
  });

  it.each([
    ["none", []],
    ["not all", [{ partitionIndex: 0 }, { partitionIndex: 2 }]],
    ["one twice", [{ partitionIndex: 0 }, { partitionIndex: 0 }]],
  ])(
    "takes a topic of which %s of the partitions are told for one that is not there yet",
    (_, partitions) => {
      const partial = { topics: [{ name: "t", topicId: A, partitions }] };
      const LEADER_NOT_AVAILABLE = 5;
      expect(learned(partial).topics.has("t")).toBe(false);
      expect(learned(partial).topicErrors.get("t")).toBe(LEADER_NOT_AVAILABLE);
      // And what was known of it is not given up for that.
      expect(
        leaders(
          learned(
            {
              topics: [
                topic("t", [
                  [1, 0],
                  [2, 0],
                  [3, 0],
                ]),
              ],
            },
            partial,
          ),
        ),
      ).toEqual([1, 2, 3]);
    },
  );

  it("passes over what has no name", () => {
    expect(learned({ topics: [{ name: null, topicId: A, errorCode: 100 }] }).topicErrors.size).toBe(0);
  });
});
