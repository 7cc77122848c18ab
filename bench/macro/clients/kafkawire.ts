import { Kafka, type Producer } from "kafkawire";
import type { Setup } from "../worker.ts";

/** A producer as both ways of using kafkawire want it. Batches as large as those of franz-go and librdkafka. */
export function kafkawireProducer({ bootstrapServers, lingerMs }: Setup): Producer {
  const kafka = new Kafka({ bootstrapServers, clientId: "bench" });
  return kafka.producer({
    acks: "all",
    batchSize: Number(process.env["BENCH_BATCH_SIZE"] ?? 262_144),
    ...(process.env["BENCH_MRS"] === undefined ? {} : { maxRequestSize: Number(process.env["BENCH_MRS"]) }),
    ...(process.env["BENCH_BUFFER"] === undefined
      ? {}
      : { bufferMemory: Number(process.env["BENCH_BUFFER"]) }),
    ...(lingerMs === null ? {} : { lingerMs }),
  });
}
