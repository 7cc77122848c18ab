/** Transactions of the client while coordinators and leaders refuse, fall silent, move and die: each counts once. */

import { describe, expect, it } from "vitest";
import { type FaultOptions, type Release, TestCluster } from "../../../../src/testing/mod.ts";
import {
  committedOffset,
  copy,
  GROUP,
  outcomeOf,
  TOPIC,
  TOPICS,
  TRANSACTIONAL_ID,
} from "../../../support/exactly-once.ts";

const STEPS = 8;
/** The step in which the fault comes. */
const FAULTY = 3;
/** Of the second version of transactions, and of the first, with and without errors that say what is the matter. */
const RELEASES: readonly Release[] = ["4.4", "3.9", "2.1"];

const retriable = ["COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR"];

/** Faults that a program hears nothing of. */
const UNHEARD: readonly FaultOptions[] = [
  ...["CONCURRENT_TRANSACTIONS", ...retriable].map(
    (error): FaultOptions => ({ api: "EndTxn", group: TRANSACTIONAL_ID, error, count: 3 }),
  ),
  { api: "EndTxn", disconnect: true, count: 1 },
  { api: "EndTxn", disconnect: true, stage: "response", count: 1 },
  { api: "EndTxn", hang: true, count: 1 },
  { api: "EndTxn", hang: true, stage: "response", count: 1 },
  { api: "EndTxn", cutAfterBytes: 3, count: 1 },
  { api: "EndTxn", cutAfterBytes: 12, count: 1 },
  ...[...retriable, "UNKNOWN_TOPIC_OR_PARTITION", "REQUEST_TIMED_OUT"].map(
    (error): FaultOptions => ({ api: "TxnOffsetCommit", error, count: 3 }),
  ),
  { api: "TxnOffsetCommit", group: GROUP, error: "NOT_COORDINATOR", count: 2 },
  { api: "TxnOffsetCommit", disconnect: true, stage: "response", count: 1 },
  { api: "TxnOffsetCommit", hang: true, count: 1 },
  { api: "TxnOffsetCommit", cutAfterBytes: 5, count: 1 },
  { api: "Produce", disconnect: true, stage: "response", count: 1 },
  { api: "Produce", disconnect: true, count: 2 },
  { api: "Produce", hang: true, stage: "response", count: 1 },
  { api: "Produce", cutAfterBytes: 9, count: 1 },
  { api: "Produce", topic: TOPIC, partition: 1, error: "NOT_ENOUGH_REPLICAS", count: 2 },
  { api: "FindCoordinator", error: "COORDINATOR_NOT_AVAILABLE", count: 2 },
];

const UNHEARD_OF_FIRST_VERSION: readonly FaultOptions[] = [
  ...["AddPartitionsToTxn", "AddOffsetsToTxn"].flatMap((api): FaultOptions[] => [
    ...["CONCURRENT_TRANSACTIONS", ...retriable].map((error) => ({ api, error, count: 3 })),
    { api, disconnect: true, stage: "response", count: 1 },
    { api, hang: true, count: 1 },
    { api, cutAfterBytes: 6, count: 1 },
  ]),
];

/** Faults after which a transaction is aborted, or its producer has to go. */
const HEARD: readonly FaultOptions[] = [
  ...["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "FENCED_INSTANCE_ID", "GROUP_AUTHORIZATION_FAILED"].map(
    (error): FaultOptions => ({ api: "TxnOffsetCommit", error, count: 1 }),
  ),
  ...["PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH", "INVALID_TXN_STATE", "INVALID_PRODUCER_ID_MAPPING"].map(
    (error): FaultOptions => ({ api: "EndTxn", error, count: 1 }),
  ),
  ...["INVALID_PRODUCER_EPOCH", "INVALID_TXN_STATE", "OUT_OF_ORDER_SEQUENCE_NUMBER", "MESSAGE_TOO_LARGE"].map(
    (error): FaultOptions => ({ api: "Produce", topic: TOPIC, partition: 0, error, count: 1 }),
  ),
];

const numbers = Array.from({ length: STEPS }, (_, i) => i);

function told({ api, error, ...rest }: FaultOptions): string {
  return `${String(api)} ${error ?? ""} ${JSON.stringify(rest)}`;
}

async function expectExactlyOnce(cluster: TestCluster): Promise<void> {
  expect(await committedOffset(cluster)).toBe(STEPS);
  expect(await outcomeOf(cluster)).toEqual([
    { values: numbers, open: 0 },
    { values: numbers, open: 0 },
  ]);
  expect(cluster.failures).toEqual([]);
}

describe.each(RELEASES)("like Kafka %s", (as) => {
  const unheard = as === "4.4" ? UNHEARD : as === "3.9" ? UNHEARD_OF_FIRST_VERSION : [];
  it.each(unheard.map((fault) => [told(fault), fault] as const))("goes on past %s", async (_, options) => {
    await using cluster = await TestCluster.start({ as, network: "memory", topics: TOPICS });
    let hits = () => 0;
    const failures = await copy(cluster, STEPS, (step) => {
      if (step !== FAULTY || hits() > 0) return;
      const fault = cluster.fault(options);
      hits = () => fault.hits;
      // What is known of coordinators is asked for again only once it was wrong.
      if (options.api === "FindCoordinator")
        cluster.fault({ api: "EndTxn", error: "NOT_COORDINATOR", count: 1 });
    });
    expect(failures).toEqual([]);
    expect(hits()).toBeGreaterThan(0);
    await expectExactlyOnce(cluster);
  });

  it.each(HEARD.map((fault) => [told(fault), fault] as const))(
    "does a step again after %s",
    async (_, options) => {
      await using cluster = await TestCluster.start({ as, network: "memory", topics: TOPICS });
      let isSet = false;
      const failures = await copy(cluster, STEPS, (step) => {
        if (step === FAULTY && !isSet) cluster.fault(options);
        isSet ||= step === FAULTY;
      });
      expect(failures).toHaveLength(1);
      await expectExactlyOnce(cluster);
    },
  );
});

it("brokers agree on the first version of transactions, and on the second again", async () => {
  await using cluster = await TestCluster.start({ network: "memory", topics: TOPICS });
  const failures = await copy(cluster, STEPS, (step) => {
    if (step !== 2 && step !== 5) return;
    cluster.setFeature("transaction.version", step === 2 ? 1 : 2);
    // What brokers have agreed on is told with each new connection.
    cluster.resetConnections();
  });
  expect(failures).toEqual([]);
  const ends = cluster.requests.of("EndTxn").map(({ version }) => version);
  expect(ends).toContain(4);
  expect(ends.at(-1)).toBe(5);
  expect(cluster.requests.of("AddPartitionsToTxn").length).toBeGreaterThan(0);
  await expectExactlyOnce(cluster);
});

it.each(RELEASES)("a transaction that takes too long is aborted, and done again (%s)", async (as) => {
  await using cluster = await TestCluster.start({ as, network: "memory", topics: TOPICS });
  let isSlow = true;
  const failures = await copy(cluster, STEPS, undefined, async (step) => {
    if (step !== FAULTY || !isSlow) return;
    isSlow = false;
    await cluster.clock.advance(120_000);
  });
  expect(failures).toHaveLength(1);
  await expectExactlyOnce(cluster);
});

describe("a producer that comes back", () => {
  it.each<FaultOptions>([
    { api: "InitProducerId", error: "CONCURRENT_TRANSACTIONS", count: 5 },
    { api: "InitProducerId", error: "COORDINATOR_LOAD_IN_PROGRESS", count: 3 },
    { api: "InitProducerId", error: "NOT_COORDINATOR", count: 3 },
    { api: "InitProducerId", disconnect: true, stage: "response", count: 2 },
    { api: "InitProducerId", hang: true, stage: "response", count: 1 },
    { api: "InitProducerId", cutAfterBytes: 10, count: 1 },
  ])("gets its epoch in spite of %o, with a transaction left open by the one before", async (options) => {
    await using cluster = await TestCluster.start({ network: "memory", topics: TOPICS });
    // The first producer dies in the middle of a step: its EndTxn never comes.
    const dead = cluster.fault({ api: "EndTxn", error: "PRODUCER_FENCED", count: 1, when: () => isFaulty });
    let isFaulty = false;
    const failures = await copy(cluster, STEPS, (step) => {
      if (step !== FAULTY || isFaulty) return;
      isFaulty = true;
      cluster.fault(options);
    });
    expect(dead.hits).toBe(1);
    expect(failures).toHaveLength(1);
    await expectExactlyOnce(cluster);
  });
});

describe("where brokers come and go", () => {
  const CLUSTER = { network: "memory", brokers: 3, topics: TOPICS } as const;

  it.each([
    ["the coordinator of the transaction", "transaction", TRANSACTIONAL_ID, "EndTxn"],
    ["the coordinator of the group", "group", GROUP, "TxnOffsetCommit"],
    [
      "the coordinator of the transaction, while offsets are committed",
      "transaction",
      TRANSACTIONAL_ID,
      "TxnOffsetCommit",
    ],
    ["the coordinator of the group, while the transaction ends", "group", GROUP, "EndTxn"],
    [
      "the coordinator of the transaction, while records are sent",
      "transaction",
      TRANSACTIONAL_ID,
      "Produce",
    ],
  ] as const)("%s moves again and again", async (_, kind, key, api) => {
    await using cluster = await TestCluster.start(CLUSTER);
    let moves = 0;
    cluster.fault({
      api,
      error: "NONE",
      when: () => {
        // Every other one, or none would ever come to where it belongs.
        if (moves++ % 2 === 0) cluster.moveCoordinator(kind, key, 1 + (moves % 3));
        return false;
      },
    });
    expect(await copy(cluster, STEPS)).toEqual([]);
    expect(moves).toBeGreaterThanOrEqual(STEPS);
    await expectExactlyOnce(cluster);
  });

  it("the coordinator moves after it has heard of a commit, and its answer is lost", async () => {
    await using cluster = await TestCluster.start(CLUSTER);
    let moves = 0;
    cluster.fault({ api: "EndTxn", disconnect: true, stage: "response", count: 4 });
    cluster.observe({
      onAnswered: ({ api }) => {
        if (api === "EndTxn") cluster.moveCoordinator("transaction", TRANSACTIONAL_ID, 1 + (moves++ % 3));
      },
    });
    expect(await copy(cluster, STEPS)).toEqual([]);
    expect(moves).toBeGreaterThanOrEqual(STEPS);
    await expectExactlyOnce(cluster);
  });

  it("a leader is away while a transaction is to be committed", async () => {
    await using cluster = await TestCluster.start({
      ...CLUSTER,
      brokers: 2,
      topics: { ...TOPICS, [TOPIC]: { assignments: [[1], [2]] } },
    });
    cluster.moveCoordinator("transaction", TRANSACTIONAL_ID, 1);
    cluster.moveCoordinator("group", GROUP, 1);
    let isAway = false;
    cluster.observe({
      onRequest: ({ api }) => {
        if (api !== "EndTxn" || isAway) return;
        isAway = true;
        void cluster
          .broker(2)
          .kill()
          .then(() => new Promise((resolve) => setTimeout(resolve, 300)))
          .then(() => cluster.broker(2).start());
      },
    });
    expect(await copy(cluster, STEPS)).toEqual([]);
    await expectExactlyOnce(cluster);
  });

  it("brokers die one after another", async () => {
    await using cluster = await TestCluster.start({
      ...CLUSTER,
      topics: { ...TOPICS, [TOPIC]: { partitions: 2, replicationFactor: 3 } },
    });
    let last = Promise.resolve();
    const failures = await copy(cluster, STEPS, (step) => {
      const broker = cluster.broker(1 + (step % 3));
      last = last.then(() => broker.kill()).then(() => broker.start());
    });
    await last;
    expect(failures).toEqual([]);
    await expectExactlyOnce(cluster);
  });
});
