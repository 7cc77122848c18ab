/**
 * Records the conversation that `docs/protocol.md` shows, from a real broker:
 *
 *     npm run kafka -- up --name recording
 *     npx tsx test/protocol/inspect/record-conversation.ts HOST:PORT > test/protocol/inspect/conversation.ts
 */

import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { FrameReader } from "../../../src/protocol/frame.ts";
import { ApiVersionsRequest } from "../../../src/protocol/messages/api-versions.ts";
import { CreateTopicsRequest } from "../../../src/protocol/messages/create-topics.ts";
import { FetchRequest } from "../../../src/protocol/messages/fetch.ts";
import { MetadataRequest } from "../../../src/protocol/messages/metadata.ts";
import { ProduceRequest } from "../../../src/protocol/messages/produce.ts";
import type { Compressor } from "../../../src/protocol/records/compression-type.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { frameOf } from "./frames.ts";

const gzip: Compressor = { type: "gzip", compress: (bytes) => new Uint8Array(gzipSync(bytes)) };

function plainBatch(): Uint8Array {
  const builder = new RecordBatchBuilder();
  builder.append(1_700_000_000_000, "42", "paid", [{ key: "source", value: "web" }]);
  builder.append(1_700_000_000_007, "43", null);
  return builder.build();
}

function compressedBatch(): Uint8Array {
  const builder = new RecordBatchBuilder();
  for (const key of ["44", "45", "46"]) builder.append(1_700_000_000_100, key, "paid");
  return builder.build({ compression: gzip }) as Uint8Array;
}

const produceTo = (index: number, records: Uint8Array) => ({
  acks: -1,
  timeoutMs: 30_000,
  topicData: [{ name: "orders", partitionData: [{ index, records }] }],
});

async function record(host: string, port: number): Promise<void> {
  const socket = connect(port, host);
  await once(socket, "connect");
  const frames = new FrameReader();
  const waiting: ((frame: Uint8Array) => void)[] = [];
  socket.on("data", (chunk) => {
    for (const frame of frames.push(chunk)) waiting.shift()?.(frame);
  });
  const conversation: Record<string, string> = {};
  let correlationId = 0;
  const header = () => ({ correlationId: ++correlationId, clientId: "billing" });
  const ask = async (request: Uint8Array, name?: string): Promise<void> => {
    const answer = new Promise<Uint8Array>((resolve) => waiting.push(resolve));
    socket.write(request);
    const response = await answer;
    if (name === undefined) return;
    const size = Buffer.alloc(4);
    size.writeInt32BE(response.byteLength);
    conversation[`${name}Request`] = Buffer.from(request).toString("hex");
    conversation[`${name}Response`] = Buffer.concat([size, response]).toString("hex");
  };

  const software = { clientSoftwareName: "kafkawire", clientSoftwareVersion: "0.1.0" };
  await ask(frameOf(ApiVersionsRequest, 3, software, header()), "apiVersions");
  const fromTheFuture = frameOf(ApiVersionsRequest, 3, software, header());
  new DataView(fromTheFuture.buffer).setInt16(6, 99);
  await ask(fromTheFuture, "refused");
  const topics = [{ name: "orders", numPartitions: 1, replicationFactor: 1 }];
  await ask(frameOf(CreateTopicsRequest, 5, { topics, timeoutMs: 10_000 }, header()));
  await ask(frameOf(MetadataRequest, 8, { topics: [{ name: "orders" }] }, header()), "olderMetadata");
  await ask(frameOf(MetadataRequest, 12, { topics: [{ name: "orders" }] }, header()), "metadata");
  await ask(frameOf(ProduceRequest, 9, produceTo(0, plainBatch()), header()), "produce");
  await ask(frameOf(ProduceRequest, 9, produceTo(0, compressedBatch()), header()));
  await ask(frameOf(ProduceRequest, 9, produceTo(7, plainBatch()), header()), "misdirected");
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 << 20 }];
  const fetch = { maxWaitMs: 500, minBytes: 1, topics: [{ topic: "orders", partitions }] };
  await ask(frameOf(FetchRequest, 12, fetch, header()), "fetch");
  socket.end();

  process.stdout.write(
    `/** Frames that went to a broker of Kafka 4.4.0 and came back; \`record-conversation.ts\` makes this file. */\n\n` +
      `export const conversation = ${JSON.stringify(conversation, null, 2)} as const;\n`,
  );
}

const [host = "", port = ""] = (process.argv[2] ?? "").split(":");
await record(host, Number(port));
