/** kafkawire through `send(records)`: chunks that are not waited for one by one. */

import { inChunks, serve } from "../worker.ts";
import { makeWorkload } from "../workload.ts";
import { kafkawireProducer } from "./kafkawire.ts";

const CHUNK = 4000;
const AT_A_TIME = 6;

await serve(async (setup) => {
  const producer = kafkawireProducer(setup);
  const { topic, valueSize } = setup;
  const { keys, values } = makeWorkload(valueSize);
  const record = (i: number) => ({
    topic,
    key: keys[i & (keys.length - 1)] as Buffer,
    value: values[i & (values.length - 1)] as Buffer,
  });
  return {
    produce: (count) =>
      inChunks(count, CHUNK, AT_A_TIME, (first, size) => {
        const records = new Array<ReturnType<typeof record>>(size);
        for (let i = 0; i < size; i++) records[i] = record(first + i);
        return producer.send(records);
      }),
    sendOne: (index) => producer.send(record(index)),
  };
});
