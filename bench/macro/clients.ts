/** Who is compared in producing, and what each is started with. */

import { byDefault, type Contender, franzGo, inNode, withConfluent, withNodeRdkafka } from "./launch.ts";

export const CONTENDERS: readonly Contender[] = [
  { name: "kafkawire enqueue", kind: "kafkawire", launch: inNode("clients/kafkawire-enqueue.ts") },
  { name: "kafkawire send", kind: "kafkawire", launch: inNode("clients/kafkawire-send.ts") },
  {
    name: "kafkawire enqueue by default",
    kind: "kafkawire by default",
    launch: byDefault(inNode("clients/kafkawire-enqueue.ts")),
  },
  {
    name: "kafkawire send by default",
    kind: "kafkawire by default",
    launch: byDefault(inNode("clients/kafkawire-send.ts")),
  },
  { name: "kafkajs", kind: "JavaScript", launch: inNode("clients/kafkajs.ts") },
  { name: "@platformatic/kafka", kind: "JavaScript", launch: inNode("clients/platformatic.ts") },
  { name: "kafka-ts", kind: "JavaScript", launch: inNode("clients/kafka-ts.ts") },
  {
    name: "@confluentinc/kafka-javascript",
    kind: "native binding",
    launch: withConfluent("clients/confluent.ts"),
  },
  { name: "node-rdkafka", kind: "native binding", launch: withNodeRdkafka("clients/node-rdkafka.ts") },
  { name: "franz-go", kind: "Go", launch: franzGo("produce") },
];
