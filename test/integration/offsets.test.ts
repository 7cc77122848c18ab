/** Offsets of groups, committed and read back, as brokers of each version have it. */

import { randomUUID } from "node:crypto";
import { Kafka, type KafkaError } from "kafkawire";
import { expect, it } from "vitest";
import { compareVersions } from "../../scripts/kafka/versions.ts";
import { committedOffsets } from "../support/committed.ts";
import { describeOnEachKafka, type KafkaUnderTest } from "../support/kafka.ts";
import { BareMember, joinClassic, joinConsumer, withCommitter } from "../support/offset-committer.ts";
import { createTopic } from "../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

const clientFor = ({ bootstrapServers }: KafkaUnderTest): Kafka =>
  new Kafka({ bootstrapServers, logger: silent });

describeOnEachKafka(
  "offsets of a group",
  (kafka) => {
    it("are committed without being a member, and read back by others", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 3);
      const { bootstrapServers } = kafka();
      await withCommitter(bootstrapServers, {}, async ({ groupId, commit, committed, internals }) => {
        // First by name, since nothing is known of the topic; then by its id, where it has one.
        await commit([{ topic, partition: 0, offset: 5n, leaderEpoch: 0, metadata: "größer" }]);
        await internals.refresh([topic]);
        await commit([
          { topic, partition: 1, offset: 2n ** 62n },
          { topic, partition: 2, offset: 3n },
          { topic, partition: 2, offset: 0n },
        ]);
        const expected = [
          { offset: 5n, leaderEpoch: 0, metadata: "größer" },
          { offset: 2n ** 62n, leaderEpoch: null, metadata: "" },
          { offset: 0n, leaderEpoch: null, metadata: "" },
        ];
        expect(await committed(topic, [0, 1, 2])).toEqual(expected);
        await withCommitter(bootstrapServers, { groupId }, async (other) => {
          expect(await other.committed(topic, [0, 1, 2])).toEqual(expected);
        });
        expect(await committedOffsets(bootstrapServers, groupId, topic, 3)).toEqual([5n, 2n ** 62n, 0n]);
        // Older ones are as good.
        await commit([{ topic, partition: 0, offset: 1n }]);
        expect(await committed(topic, [0])).toMatchObject([{ offset: 1n, metadata: "" }]);
      });
    });

    it("are the same in every version of their requests that the broker has", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1);
      const { bootstrapServers } = kafka();
      const spoken = new Set<string>();
      for (let maxVersion = 2; maxVersion <= 10; maxVersion++) {
        await withCommitter(bootstrapServers, { maxVersion }, async ({ commit, committed, internals }) => {
          await internals.refresh([topic]);
          internals.observability.events.source("request:done").add(({ api, apiVersion }) => {
            if (api.startsWith("Offset")) spoken.add(`${api} ${apiVersion}`);
          }, false);
          await commit([{ topic, partition: 0, offset: 5n, leaderEpoch: 0, metadata: "é" }]);
          expect(await committed(topic, [0])).toEqual([
            {
              offset: 5n,
              // Commits have carried it since version 6, and answers since version 5.
              leaderEpoch: spoken.has("OffsetCommit 6") ? 0 : null,
              metadata: "é",
            },
          ]);
        });
      }
      expect([...spoken].filter((each) => each.startsWith("OffsetCommit")).length).toBeGreaterThanOrEqual(5);
      if (compareVersions(kafka().kafkaVersion ?? "4.4.0", "4.2.0") >= 0) expect(spoken.size).toBe(18);
    });

    it("are those of the last call, however many there are at once", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 2);
      await withCommitter(kafka().bootstrapServers, {}, async ({ commit, committed, internals }) => {
        await internals.refresh([topic]);
        const calls: Promise<void>[] = [];
        for (let i = 1; i <= 500; i++) {
          calls.push(commit([{ topic, partition: i % 2, offset: BigInt(i) }]));
          if (i % 50 === 0) await calls.at(-1);
        }
        await Promise.all(calls);
        expect(await committed(topic, [0, 1])).toMatchObject([{ offset: 500n }, { offset: 499n }]);
      });
    });

    it("are refused for topics that are not there, of which nothing is committed", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1);
      const missing = `missing-${randomUUID()}`;
      await withCommitter(kafka().bootstrapServers, {}, async ({ commit, committed }) => {
        const failed = commit([
          { topic, partition: 0, offset: 1n },
          { topic, partition: 7, offset: 2n },
          { topic: missing, partition: 0, offset: 3n },
        ]);
        await expect(failed).rejects.toMatchObject({
          name: "CommitError",
          code: "UNKNOWN_TOPIC_OR_PARTITION",
          mayBeCommitted: false,
          failures: expect.toSatisfy((failures: readonly { topic: string; partition: number }[]) =>
            failures.every((each) => each.topic === missing || each.partition === 7),
          ),
        });
        expect(await committed(topic, [0, 7])).toMatchObject([{ offset: 1n }, null]);
        expect(await committed(missing, [0])).toEqual([null]);
      });
    }, 30_000);

    it("are gone with their topic, and are not those of a topic made anew under its name", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1);
      await withCommitter(kafka().bootstrapServers, {}, async ({ commit, committed, internals }) => {
        await internals.refresh([topic]);
        await commit([{ topic, partition: 0, offset: 5n }]);
        await client.admin().deleteTopics([topic]);
        await expect.poll(() => committed(topic, [0]), { timeout: 20_000, interval: 250 }).toEqual([null]);
        await expect(commit([{ topic, partition: 0, offset: 6n }])).rejects.toMatchObject({
          code: expect.stringMatching(/^UNKNOWN_TOPIC_(ID|OR_PARTITION)$/),
          mayBeCommitted: false,
        });
        // Before OffsetCommit v10 there is no telling one from the other.
        if (compareVersions(kafka().kafkaVersion ?? "4.4.0", "4.2.0") < 0) return;
        const anew = await createTopic(client, 1);
        await internals.refresh([anew]);
        await client.admin().deleteTopics([anew]);
        const made = (): Promise<string> =>
          client
            .admin()
            .createTopics([{ topic: anew, numPartitions: 1 }])
            .then(
              () => "made",
              (error: KafkaError) => error.code,
            );
        await expect.poll(made, { timeout: 20_000, interval: 250 }).toBe("made");
        // Until the coordinator hears of it, it takes offsets of the former topic, which go with that.
        const refused = (): Promise<string> =>
          commit([{ topic: anew, partition: 0, offset: 6n }]).then(
            () => "",
            (error: KafkaError) => `${error.code}: ${error.message}`,
          );
        await expect
          .poll(refused, { timeout: 20_000, interval: 100 })
          .toMatch(/^UNKNOWN_TOPIC_ID: .*made anew/);
        await commit([{ topic: anew, partition: 0, offset: 7n }]);
        expect(await committed(anew, [0])).toMatchObject([{ offset: 7n }]);
      });
    }, 60_000);

    it("have metadata of limited length", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 2);
      await withCommitter(kafka().bootstrapServers, {}, async ({ commit, committed }) => {
        const long = "x".repeat(4097);
        const failed = commit([
          { topic, partition: 0, offset: 1n, metadata: long },
          { topic, partition: 1, offset: 2n, metadata: long.slice(1) },
        ]);
        await expect(failed).rejects.toMatchObject({
          code: "OFFSET_METADATA_TOO_LARGE",
          failures: [{ topic, partition: 0, mayBeCommitted: false }],
        });
        expect(await committed(topic, [0, 1])).toEqual([
          null,
          { offset: 2n, leaderEpoch: null, metadata: long.slice(1) },
        ]);
      });
    });

    it("are taken of a member of this generation only, and while there are members of nobody else", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1);
      await withCommitter(kafka().bootstrapServers, {}, async (under) => {
        const { as, commit, committed, groupId } = under;
        const offset = (value: bigint) => [{ topic, partition: 0, offset: value }];
        const member = await joinClassic(under);
        as(member);
        await commit(offset(1n));
        const { generationId, memberId } = member;
        member.generationId = generationId + 1;
        await expect(commit(offset(2n))).rejects.toMatchObject({ code: "ILLEGAL_GENERATION" });
        as(new BareMember(groupId, "nobody", generationId));
        await expect(commit(offset(3n))).rejects.toMatchObject({ code: "UNKNOWN_MEMBER_ID" });
        as(null);
        await expect(commit(offset(4n))).rejects.toMatchObject({
          code: "UNKNOWN_MEMBER_ID",
          message: expect.stringContaining("use another groupId"),
        });
        expect(member.refused).toEqual([22]);
        as(new BareMember(groupId, memberId, generationId));
        await commit(offset(5n));
        // Anybody may read.
        as(null);
        expect(await committed(topic, [0])).toMatchObject([{ offset: 5n }]);
      });
      await withCommitter(kafka().bootstrapServers, {}, async ({ as, commit, groupId }) => {
        as(new BareMember(groupId, "somebody", 3));
        await expect(commit([{ topic, partition: 0, offset: 1n }])).rejects.toMatchObject({
          code: expect.stringMatching(/^(ILLEGAL_GENERATION|GROUP_ID_NOT_FOUND)$/),
        });
      });
    });
  },
  "2.1.0",
  ["2.1.1/1", "3.9.1/1", "4.4.0/3"],
);

describeOnEachKafka(
  "offsets that a transaction is about to commit",
  (kafka) => {
    it.each(["commit", "abort"] as const)(
      "are waited for until its %s",
      async (end) => {
        await using client = clientFor(kafka());
        const topic = await createTopic(client, 2);
        await using producer = client.producer({ transactionalId: randomUUID() });
        await withCommitter(
          kafka().bootstrapServers,
          {},
          async ({ groupId, commit, committed, internals }) => {
            await commit([
              { topic, partition: 0, offset: 1n },
              { topic, partition: 1, offset: 2n },
            ]);
            await producer.beginTransaction();
            await producer.sendOffsets([{ topic, partition: 0, offset: 9n, metadata: "tx" }], { groupId });
            expect(await committed(topic, [1])).toMatchObject([{ offset: 2n }]);
            const asked = (): number =>
              internals.observability
                .snapshot()
                .brokers.flatMap(({ apis }) => apis)
                .filter(({ api }) => api === "OffsetFetch")
                .reduce((sum, { answered }) => sum + answered, 0);
            const before = asked();
            let isTold = false;
            const told = committed(topic, [0, 1]).finally(() => {
              isTold = true;
            });
            await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThanOrEqual(before + 3);
            expect(isTold).toBe(false);
            if (end === "commit") await producer.commitTransaction();
            else await producer.abortTransaction();
            const expected = end === "commit" ? { offset: 9n, metadata: "tx" } : { offset: 1n, metadata: "" };
            expect(await told).toMatchObject([expected, { offset: 2n }]);
          },
        );
      },
      30_000,
    );
  },
  "2.5.0",
  ["3.9.1/1", "4.4.0/3"],
);

describeOnEachKafka(
  "offsets of a group of KIP-848",
  (kafka) => {
    it("are taken of a member with its epoch, which it may get only meanwhile", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1);
      await withCommitter(kafka().bootstrapServers, { protocol: "consumer" }, async (under) => {
        const { as, commit, committed, internals, groupId } = under;
        await internals.refresh([topic]);
        const member = await joinConsumer(under, [topic]);
        member.isWaiting = true;
        as(member);
        await commit([{ topic, partition: 0, offset: 1n }]);
        expect(await committed(topic, [0])).toMatchObject([{ offset: 1n }]);
        const epoch = member.generationId;
        // An epoch that is yet to come is as wrong as one that is over.
        member.generationId = epoch + 1;
        const committing = commit([{ topic, partition: 0, offset: 2n }]);
        const reading = committed(topic, [0]);
        await expect
          .poll(() => internals.observability.waits.list().map(({ inTheWay }) => inTheWay), {
            timeout: 10_000,
          })
          .toContainEqual(expect.stringContaining("STALE_MEMBER_EPOCH"));
        expect(member.refused).toContain(113);
        member.generationId = epoch;
        await committing;
        await reading;
        expect(await committed(topic, [0])).toMatchObject([{ offset: 2n }]);
        as(null);
        await expect(commit([{ topic, partition: 0, offset: 3n }])).rejects.toMatchObject({
          code: "UNKNOWN_MEMBER_ID",
        });
        as(new BareMember(groupId, randomUUID(), epoch));
        await expect(commit([{ topic, partition: 0, offset: 3n }])).rejects.toMatchObject({
          code: "UNKNOWN_MEMBER_ID",
        });
        const stranger = new BareMember(groupId, randomUUID(), epoch);
        as(stranger);
        // Once it knows that it is no member it asks as anybody may.
        expect(await committed(topic, [0])).toMatchObject([{ offset: 2n }]);
        expect(stranger.refused).toEqual([25]);
      });
    }, 30_000);
  },
  "4.0.0",
  ["4.0.1/1", "4.4.0/3"],
);
