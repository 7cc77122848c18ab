/**
 * What idempotence is for: a network that loses answers, so that the producer has to send batches again that the
 * broker has already. With `enableIdempotence`, the default, every record is written once and in order; without, some
 * are written twice.
 *
 * On a Kafka of your own: `npx tsx examples/idempotent.ts localhost:9092`
 */

import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type ByteStream, type ByteStreamHandler, Kafka, type Platform, runtimePlatform } from "kafkawire";

/** Every so many chunks from the broker a connection breaks, and what the broker said is lost. */
const LOSE_EVERY = 5;
/** Records are sent until so many answers are lost. */
const LOSSES = 6;

/** What was read back. */
export interface Written {
  readonly enableIdempotence: boolean;
  readonly sent: number;
  /** Answers that were lost on the way. */
  readonly lost: number;
  /** More records than were sent. */
  readonly duplicates: number;
  /** Whether each number stands behind the one before it, copies left aside. */
  readonly isInOrder: boolean;
}

/** Sends records with idempotence and without, over a network that loses answers. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<Written[]> {
  const all: Written[] = [];
  for (const enableIdempotence of [true, false]) {
    const written = await sendOverLossyNetwork(bootstrapServers, enableIdempotence);
    const { sent, lost, duplicates, isInOrder } = written;
    const order = isInOrder ? "in order" : "out of order";
    const what = `${sent} records sent, ${lost} answers lost, ${duplicates} records written twice`;
    print(`enableIdempotence ${enableIdempotence}: ${what}, all ${order}`);
    all.push(written);
  }
  return all;
}

async function sendOverLossyNetwork(
  bootstrapServers: readonly string[],
  enableIdempotence: boolean,
): Promise<Written> {
  const network = lossyNetwork();
  await using kafka = new Kafka({ bootstrapServers, clientId: "idempotent", platform: network.platform });
  const topic = `idempotent-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: 1 }]);

  const producer = kafka.producer({ enableIdempotence, lingerMs: 0 });
  network.loseAnswers(true);
  const sent: Promise<unknown>[] = [];
  while (network.lost < LOSSES) {
    sent.push(producer.send({ topic, value: String(sent.length) }));
    await setTimeout(1);
  }
  // Every one of them is acknowledged in the end.
  await Promise.all(sent);
  network.loseAnswers(false);

  const numbers = await readAll(kafka, topic);
  await kafka.admin().deleteTopics([topic]);
  const firsts = [...new Set(numbers)];
  return {
    enableIdempotence,
    sent: sent.length,
    lost: network.lost,
    duplicates: numbers.length - sent.length,
    isInOrder: firsts.every((number, i) => number === i),
  };
}

/** The numbers in the order of the log. */
async function readAll(kafka: Kafka, topic: string): Promise<number[]> {
  // Whatever comes after this record was written after the others.
  const last = await kafka.producer().send({ topic, value: "end" });
  const consumer = kafka.consumer();
  consumer.assign([{ topic, partition: 0, from: "earliest" }]);
  const numbers: number[] = [];
  for await (const { offset, value } of consumer) {
    if (offset === last.offset) break;
    numbers.push(Number(new TextDecoder().decode(value ?? undefined)));
  }
  return numbers;
}

interface LossyNetwork {
  readonly platform: Platform;
  readonly lost: number;
  loseAnswers(isOn: boolean): void;
}

/** The runtime's own network, whose connections break from time to time when the broker has just answered. */
function lossyNetwork(): LossyNetwork {
  let isOn = false;
  let chunks = 0;
  let lost = 0;
  const connect: Platform["connect"] = async (options, handler) => {
    let isBroken = false;
    const through: ByteStreamHandler = {
      onData(chunk) {
        if (isBroken) return;
        if (!isOn || ++chunks % LOSE_EVERY !== 0) {
          handler.onData(chunk);
          return;
        }
        lost++;
        isBroken = true;
        stream.close();
        handler.onClose(new Error("The network lost an answer"));
      },
      onDrain: () => isBroken || handler.onDrain(),
      onClose: (error) => isBroken || handler.onClose(error),
    };
    const stream: ByteStream = await runtimePlatform.connect(options, through);
    return stream;
  };
  return {
    platform: { ...runtimePlatform, connect },
    get lost() {
      return lost;
    },
    loseAnswers(wanted) {
      isOn = wanted;
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
