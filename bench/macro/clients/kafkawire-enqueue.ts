/** kafkawire through `enqueue`, with a callback for each record: nothing is made of a record but its bytes. */

import { serve } from "../worker.ts";
import { makeWorkload } from "../workload.ts";
import { kafkawireProducer } from "./kafkawire.ts";

await serve(async (setup) => {
  const producer = kafkawireProducer(setup);
  const { topic, valueSize } = setup;
  const { keys, values } = makeWorkload(valueSize);
  const record = (i: number) => ({
    topic,
    key: keys[i & (keys.length - 1)] as Buffer,
    value: values[i & (values.length - 1)] as Buffer,
  });
  let failure: unknown = null;
  let acknowledged = 0;
  const callback = (error: unknown): void => {
    if (error === null || error === undefined) acknowledged++;
    else failure ??= error;
  };
  return {
    produce: async (count) => {
      acknowledged = 0;
      for (let i = 0; i < count; i++) {
        if (!producer.enqueue(record(i), callback)) await producer.ready();
      }
      await producer.flush();
      if (failure !== null) throw failure;
      if (acknowledged !== count) throw new Error(`${count} enqueued, ${acknowledged} acknowledged`);
    },
    sendOne: (index) => producer.send(record(index)),
  };
});
