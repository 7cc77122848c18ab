/** One classic group with members of three clients: each kind leads once, and all partitions are shared. */

import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { afterEach, expect, it } from "vitest";
import type { Assignor } from "../../src/group/assignor.ts";
import { builtInAssignor } from "../../src/group/assignors/assignors.ts";
import { TestMember } from "../support/group-member.ts";
import { describeKafka, sharedBroker } from "../support/kafka.ts";
import { Ledger } from "../support/ledger.ts";
import { inSoak } from "../support/soak.ts";
import { createTopic } from "../support/topics.ts";
import { JavaMember } from "./java-member.ts";
import { KcatMember } from "./kcat-member.ts";

const WITHIN = { timeout: 30_000, interval: 50 };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const KINDS = ["kafkawire", "java", "kcat"] as const;

const CLASSES = {
  range: "org.apache.kafka.clients.consumer.RangeAssignor",
  roundrobin: "org.apache.kafka.clients.consumer.RoundRobinAssignor",
  "cooperative-sticky": "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
};

/** What every kind of member can tell of itself. */
interface AnyMember {
  readonly held: readonly string[] | null;
  close(): Promise<void>;
}

describeKafka(
  "a classic group with members of Java, librdkafka and kafkawire",
  ["broker", "java", "kcat"],
  () => {
    const open: AnyMember[] = [];
    afterEach(async () => {
      await Promise.all(open.splice(0).map((member) => member.close()));
    });

    const short = [
      ["range", "kafkawire"],
      ["roundrobin", "java"],
      ["cooperative-sticky", "kafkawire"],
      ["cooperative-sticky", "kcat"],
    ] as const;
    const rest = [
      ["range", "java"],
      ["range", "kcat"],
      ["roundrobin", "kafkawire"],
      ["cooperative-sticky", "java"],
    ] as const;

    it.each(
      inSoak<readonly (readonly [keyof typeof CLASSES, (typeof KINDS)[number]])[]>(
        [...short, ...rest],
        short,
      ),
    )(
      "shares all partitions by %s, led by %s",
      async (name, leader) => {
        const { bootstrapServers } = sharedBroker();
        const groupId = `group-${randomUUID()}`;
        const ledger = new Ledger();
        await using client = new Kafka({ bootstrapServers, logger: silent });
        const topic = await createTopic(client, 7);
        const start = async (kind: (typeof KINDS)[number]): Promise<AnyMember> => {
          const member = await made(kind);
          open.push(member);
          return member;
        };
        const made = async (kind: (typeof KINDS)[number]): Promise<AnyMember> => {
          if (kind === "java") {
            const settings = {
              "partition.assignment.strategy": CLASSES[name],
              "heartbeat.interval.ms": "300",
            };
            return JavaMember.start(bootstrapServers, groupId, topic, settings);
          }
          if (kind === "kcat") {
            const settings = [`partition.assignment.strategy=${name}`, "heartbeat.interval.ms=300"];
            return new KcatMember(bootstrapServers, groupId, topic, settings);
          }
          const assignors = [builtInAssignor(name) as Assignor];
          const member = new TestMember({ bootstrapServers, groupId, assignors, ledger }).subscribe(topic);
          return {
            get held() {
              return member.assignment().map((each) => `${each.topic}-${each.partition}`);
            },
            close: () => member.leave(),
          };
        };
        const all = Array.from({ length: 7 }, (_, partition) => `${topic}-${partition}`);
        const held = (): string[] => open.flatMap((member) => member.held ?? []).sort();
        const first = await start(leader);
        await expect.poll(held, WITHIN).toEqual(all);
        const sizes = (): number[] => open.map((member) => member.held?.length ?? 0).sort();
        for (const kind of KINDS) if (kind !== leader) await start(kind);
        await expect.poll(sizes, WITHIN).toEqual([2, 2, 3]);
        expect(held()).toEqual(all);
        // Another one leads now.
        open.splice(open.indexOf(first), 1);
        await first.close();
        await expect.poll(sizes, WITHIN).toEqual([3, 4]);
        expect(held()).toEqual(all);
        expect(ledger.violations).toEqual([]);
      },
      90_000,
    );
  },
);
