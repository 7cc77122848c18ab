/** Who is compared in consuming, and what each is started with. */

import { type Contender, franzGo, inNode, withConfluent, withNodeRdkafka } from "./launch.ts";

export const CONTENDERS: readonly Contender[] = [
  { name: "kafkawire batches", kind: "kafkawire", launch: inNode("consumers/kafkawire-batches.ts") },
  { name: "kafkawire for await", kind: "kafkawire", launch: inNode("consumers/kafkawire-records.ts") },
  { name: "kafkajs", kind: "JavaScript", launch: inNode("consumers/kafkajs.ts") },
  { name: "@platformatic/kafka", kind: "JavaScript", launch: inNode("consumers/platformatic.ts") },
  { name: "kafka-ts", kind: "JavaScript", launch: inNode("consumers/kafka-ts.ts") },
  {
    name: "@confluentinc/kafka-javascript",
    kind: "native binding",
    launch: withConfluent("consumers/confluent.ts"),
  },
  { name: "node-rdkafka", kind: "native binding", launch: withNodeRdkafka("consumers/node-rdkafka.ts") },
  { name: "franz-go", kind: "Go", launch: franzGo("consume") },
];
