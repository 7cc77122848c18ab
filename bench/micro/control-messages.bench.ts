/**
 * Control messages: the compiled schemas against codecs written by hand for one version, over the same cursors.
 *
 *   npm run bench -- control-messages
 *
 * The codec first reads and writes every message that there is, in its newest version, so that what is measured is
 * code that has seen many schemas, as in a client.
 */

import * as protocol from "kafkawire/protocol";
import { Reader, Writer } from "kafkawire/protocol";
import { messages } from "./control-values.ts";
import { bench, group } from "./cpu-time.ts";
import { reportCpuTime } from "./report.ts";
import { warmWithEverySchema } from "./warm.ts";

for (const [name, { schema, version, hand, value }] of Object.entries(messages)) {
  const codec = protocol.codecFor(schema as protocol.MessageSchema, version);
  const bytes = protocol.encode(schema as protocol.MessageSchema, version, value);
  const decoded = codec.decode(new Reader(bytes)) as never;
  const writer = new Writer();
  hand.encode(writer, decoded);
  if (Buffer.compare(writer.toBytes(), bytes) !== 0) throw new Error(`${name}: the two encoders disagree`);
  if (JSON.stringify(hand.decode(new Reader(bytes)), bigints) !== JSON.stringify(decoded, bigints)) {
    throw new Error(`${name}: the two decoders disagree`);
  }
  group(`decode ${name}`, () => {
    bench("compiled", () => codec.decode(new Reader(bytes)));
    bench("by hand", () => hand.decode(new Reader(bytes)));
  });
  group(`encode ${name}`, () => {
    bench("compiled", () => {
      const out = new Writer();
      codec.encode(out, decoded);
      return out;
    });
    bench("by hand", () => {
      const out = new Writer();
      hand.encode(out, decoded);
      return out;
    });
  });
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

warmWithEverySchema();
await reportCpuTime("control-messages");
