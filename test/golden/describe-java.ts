import { beforeAll } from "vitest";
import { javaClasspath } from "../../scripts/kafka/java.ts";
import { describeKafka } from "../support/kafka.ts";

/** On a fresh machine the jars come through the network, which takes longer than a test may. */
const FETCH_TIMEOUT_MS = 5 * 60_000;

/** A suite that asks Kafka's own classes; reported as not run where there is no Java. */
export function describeWithJava(name: string, body: () => void): void {
  describeKafka(name, "java", () => {
    beforeAll(async () => {
      await javaClasspath();
    }, FETCH_TIMEOUT_MS);
    body();
  });
}
