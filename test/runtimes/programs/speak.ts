/** The protocol by itself, which needs no network and no rights. */

import {
  decode,
  encode,
  formatInspection,
  inspect,
  MetadataRequest,
  MetadataResponse,
  messages,
} from "kafkawire/protocol";
import { output } from "./support.ts";

const value = { brokers: [{ nodeId: 7, host: "bröker", port: 9092 }], controllerId: 7, topics: [] };
const bytes = encode(MetadataResponse, 12, value);
const decoded = decode(MetadataResponse, 12, bytes);
const inspection = inspect(MetadataResponse, 12, bytes);
output({
  request: Array.from(encode(MetadataRequest, 12, { topics: [{ name: "orders" }] })),
  broker: decoded.brokers[0],
  dump: formatInspection(inspection),
  messages: messages.size,
});
