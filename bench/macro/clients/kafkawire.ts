import { Kafka, type Producer } from "kafkawire";
import type { Setup } from "../worker.ts";

/**
 * A producer as both ways of using kafkawire want it. Batches and requests may be as large as those of franz-go and
 * librdkafka are by default.
 */
export function kafkawireProducer({ bootstrapServers, lingerMs, byDefault }: Setup): Producer {
  const kafka = new Kafka({ bootstrapServers, clientId: "bench" });
  return kafka.producer({
    acks: "all",
    ...(byDefault ? {} : { batchSize: 1_000_000, maxRequestSize: 8_388_608 }),
    ...(lingerMs === null ? {} : { lingerMs }),
  });
}
