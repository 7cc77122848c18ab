import { randomUUID } from "node:crypto";
import type { Kafka } from "kafkawire";
import { expect } from "vitest";

/** What came of a call, and how long it took. */
export async function timed<T>(
  call: () => Promise<T>,
): Promise<{ readonly error: unknown; readonly ms: number }> {
  const startMs = performance.now();
  const error = await call().then(
    () => null,
    (failure: unknown) => failure,
  );
  return { error, ms: performance.now() - startMs };
}

/**
 * Makes the calls of an admin client and looks up metadata, one after another, until it is stopped. Each has to
 * succeed within the deadline.
 */
export function keepCalling(kafka: Kafka, deadlineMs: number): { readonly stop: () => Promise<void> } {
  let isCalling = true;
  const calling = (async () => {
    const admin = kafka.admin();
    while (isCalling) {
      const topic = `test-${randomUUID()}`;
      const created = await timed(() =>
        admin.createTopics([{ topic, numPartitions: 1, replicationFactor: 1 }]),
      );
      // Carried out, but the answer was lost.
      if (created.error !== null) expect(created.error).toMatchObject({ code: "TOPIC_ALREADY_EXISTS" });
      expect(created.ms).toBeLessThan(deadlineMs);
      const found = await timed(() => kafka.consumer().partitionsFor(topic));
      expect(found.error).toBeNull();
      expect(found.ms).toBeLessThan(deadlineMs);
      const deleted = await timed(() => admin.deleteTopics([topic]));
      if (deleted.error !== null) expect(deleted.error).toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION" });
    }
  })();
  calling.catch(() => {});
  return {
    stop: async () => {
      isCalling = false;
      await calling;
    },
  };
}
