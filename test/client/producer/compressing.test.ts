import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { settle } from "../../support/fake-clock.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";

describe("compression that takes a while", () => {
  it("writes into no other batch's memory when it ends after its own batch's time", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("t");
    const { platform } = cluster;
    const ends: (() => void)[] = [];
    let isSlow = true;
    Object.assign(platform.zlib, {
      gzip: async (bytes: Uint8Array) => {
        if (isSlow) await new Promise<void>((resolve) => ends.push(resolve));
        return gzipSync(bytes);
      },
    });
    const kafka = kafkaFor(cluster, { requestTimeoutMs: 1000 });
    const producer = kafka.producer({ compressionType: "gzip", deliveryTimeoutMs: 2000, lingerMs: 500 });
    const send = (value: string) => producer.send({ topic: "t", value });
    expect(await platform.failure(send("x".repeat(500)))).toMatchObject({
      code: "DELIVERY_TIMED_OUT",
      mayBeWritten: false,
    });
    isSlow = false;
    const sent = send("y".repeat(500));
    await settle();
    for (const end of ends) end();
    await platform.run(sent);
    const [batch] = readRecordBatches(cluster.log("t").read(0n, 1e6));
    const values = Array.from(batch?.records(gunzipSync(batch.bytes.subarray(61))) ?? [], ({ value }) =>
      Buffer.from(value ?? []).toString(),
    );
    expect(values).toEqual(["y".repeat(500)]);
  });
});
