/** Applications that take their time: longer than a session is no matter, longer than `maxPollIntervalMs` is. */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka } from "kafkawire";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../../support/groups/eventually.ts";
import { GroupLog } from "../../support/groups/group-log.ts";
import { KafkawireMember, type WayToRead } from "../../support/groups/kafkawire-member.ts";
import { QUICK_GROUPS } from "../../support/groups/quick-groups.ts";
import { clusterFor, describeKafka } from "../../support/kafka.ts";
import { inSoak } from "../../support/soak.ts";
import { createTopic } from "../../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const PARTITIONS = 4;
const SESSION_TIMEOUT_MS = 2_000;
const MAX_POLL_INTERVAL_MS = 6_000;
const WAIT_MS = 20_000;

interface Case {
  readonly groupProtocol: "classic" | "consumer";
  readonly assignor: string;
  readonly way: WayToRead;
}

describeKafka("a handler that takes its time", "cluster", () => {
  const cluster = clusterFor({
    properties: { ...QUICK_GROUPS, "group.consumer.session.timeout.ms": `${SESSION_TIMEOUT_MS}` },
  });
  let kafka: Kafka;

  beforeAll(() => {
    kafka = new Kafka({ bootstrapServers: cluster().bootstrapServers, logger: silent });
  });

  afterAll(() => kafka.close());

  /** Two members, the first of which can be made to take its time. */
  class Pair {
    readonly log = new GroupLog(PARTITIONS);
    readonly #topic: string;
    readonly #groupId = `slow-${randomUUID()}`;
    readonly #case: Case;
    readonly #members: KafkawireMember[] = [];
    #sent = 0;
    #gate: { readonly opened: Promise<void>; readonly open: () => void } | null = null;
    #isBlocked = false;

    private constructor(topic: string, of: Case) {
      this.#topic = topic;
      this.#case = of;
    }

    static async start(of: Case): Promise<Pair> {
      const pair = new Pair(await createTopic(kafka, PARTITIONS), of);
      pair.#join("slow", of.way);
      pair.#join("quick", "records");
      await pair.log.untilWhole(WAIT_MS);
      await pair.sendAndRead();
      return pair;
    }

    #join(name: string, way: WayToRead): void {
      const { groupProtocol, assignor } = this.#case;
      const member = new KafkawireMember(this.log.member(name), {
        bootstrapServers: cluster().bootstrapServers,
        groupId: this.#groupId,
        topic: this.#topic,
        groupProtocol,
        assignor,
        way,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        heartbeatIntervalMs: 300,
        autoCommitIntervalMs: 200,
        consumer: { maxPollIntervalMs: MAX_POLL_INTERVAL_MS },
        handle: async () => {
          if (name !== "slow" || this.#gate === null) return;
          this.#isBlocked = true;
          await this.#gate.opened;
        },
      });
      this.#members.push(member);
    }

    /** The next record that the first member gets is in its hands until {@link goOn}. */
    async block(): Promise<void> {
      let open = (): void => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      this.#gate = { opened, open };
      await this.send();
      await eventually(() => (this.#isBlocked ? [] : ["the handler is not called"]), WAIT_MS);
    }

    goOn(): void {
      this.#gate?.open();
      this.#gate = null;
    }

    /** A record for each partition. */
    async send(): Promise<void> {
      await using producer = kafka.producer({ lingerMs: 0 });
      const records = Array.from({ length: PARTITIONS }, (_, partition) => {
        return { topic: this.#topic, partition, value: String(this.#sent++) };
      });
      await producer.send(records);
    }

    async sendAndRead(): Promise<void> {
      await this.send();
      await this.log.untilRead(this.#sent, WAIT_MS);
    }

    get rebalances(): number[] {
      return this.log.members.map(({ rebalances }) => rebalances);
    }

    async end(): Promise<void> {
      await Promise.all(this.#members.map((member) => member.leave()));
      expect(this.log.failures).toEqual([]);
      expect(this.log.contradictions).toEqual([]);
    }
  }

  const cases: readonly Case[] = [
    { groupProtocol: "classic", assignor: "cooperative-sticky", way: "run" },
    { groupProtocol: "consumer", assignor: "uniform", way: "batches" },
    ...inSoak<readonly Case[]>(
      [
        { groupProtocol: "classic", assignor: "range", way: "records" },
        { groupProtocol: "consumer", assignor: "uniform", way: "poll" },
      ],
      [],
    ),
  ];

  it.concurrent.each(cases)(
    "longer than the session: no rebalance, with $groupProtocol, $assignor, $way",
    async (of) => {
      const pair = await Pair.start(of);
      const { rebalances } = pair;
      const shares = pair.log.shares();
      await pair.block();
      // It is this long that nothing must come of.
      await sleep(SESSION_TIMEOUT_MS * 1.75);
      expect(pair.rebalances).toEqual(rebalances);
      expect(pair.log.shares()).toEqual(shares);
      pair.goOn();
      await pair.sendAndRead();
      expect(pair.rebalances).toEqual(rebalances);
      expect(pair.log.redeliveries).toEqual([]);
      await pair.end();
    },
    90_000,
  );

  it.concurrent.each(cases)(
    "longer than maxPollIntervalMs: others get its partitions, and it comes back, with $groupProtocol, $assignor, $way",
    async (of) => {
      const pair = await Pair.start(of);
      await pair.block();
      await pair.log.untilWhole(WAIT_MS, ["quick"]);
      await pair.sendAndRead();
      pair.goOn();
      await pair.log.untilWhole(WAIT_MS, ["slow", "quick"]);
      await pair.sendAndRead();
      // What was in its hands, and nothing else.
      const again = pair.log.redeliveries.map(({ before }) => [before.member.name, before.end]);
      expect(again.length).toBeGreaterThan(0);
      expect(new Set(again.map(String))).toEqual(new Set(["slow,lost"]));
      await pair.end();
    },
    90_000,
  );
});
