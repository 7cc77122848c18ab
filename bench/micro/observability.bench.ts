/**
 * What it costs to be observable: what the client does for every request beside sending it, with nobody listening
 * and with somebody. To hold against a whole request: a Metadata request over a network in memory, with its answer.
 */

import { channel } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { bench, do_not_optimize, group } from "mitata";
import type { ByteStreamHandler, Platform } from "../../src/platform/platform.ts";
import { report } from "./report.ts";

const load = createRequire(new URL("../../dist/client/", import.meta.url));
const { Observability }: typeof import("../../src/client/observe/observability.ts") = load(
  "./observe/observability.js",
);
const { LatencyHistogram }: typeof import("../../src/client/observe/latency-histogram.ts") = load(
  "./observe/latency-histogram.js",
);
const { Connection }: typeof import("../../src/client/connection.ts") = load("./connection.js");
const { Metadata }: typeof import("../../src/client/api.ts") = load("./api.js");
const { platform }: typeof import("../../src/platform/node.ts") = load("../platform/node.js");

const silent = (): void => {};
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const chunks = [new Uint8Array(200)];

function observed(clientId: string): InstanceType<typeof Observability> {
  return new Observability({ platform, clientId, logger });
}

/** What happens to a request that is answered. */
function request(observability: InstanceType<typeof Observability>): () => void {
  const connection = observability.broker("b1:9092", 1).connecting("main");
  connection.opened();
  let correlationId = 0;
  return () => {
    const observer = connection.request(Metadata.apiKey, 13, correlationId++, { timeoutMs: 30_000 });
    observer.written(chunks, false);
    connection.received(300);
    observer.answered(300);
    observer.succeeded();
  };
}

group("one request, observed", () => {
  bench("nobody listens", request(observed("a")));
  const watched = observed("b");
  watched.watch(() => "");
  bench("nobody listens, the watchdog looks", request(watched));
  const listened = observed("c");
  listened.events.source("request:done").add((event) => do_not_optimize(event), false);
  bench("a listener of request:done", request(listened));
});

group("one request, observed, with a subscriber of the diagnostics channel", () => {
  const subscriber = (event: unknown): void => do_not_optimize(event);
  const subscribed = request(observed("d"));
  bench("a subscriber", () => {
    channel("kafkawire:request:done").subscribe(subscriber);
    subscribed();
    channel("kafkawire:request:done").unsubscribe(subscriber);
  });
});

group("an event that nobody wants", () => {
  const source = observed("e").events.source("request:done");
  bench("asked for", () => do_not_optimize(source.isWanted));
});

group("a latency", () => {
  const histogram = new LatencyHistogram();
  let ms = 0;
  bench("recorded", () => {
    ms = (ms + 0.731) % 1000;
    histogram.record(ms);
  });
  bench("snapshot", () => do_not_optimize(histogram.snapshot()));
});

/** A network whose other end answers each Metadata request with an empty answer, in the same turn. */
const memory: Platform = {
  ...platform,
  connect: async (_, handler: ByteStreamHandler) => ({
    write: (sent) => {
      const [first] = sent;
      if (first === undefined) return true;
      const correlationId = new DataView(first.buffer, first.byteOffset).getInt32(8);
      // Size, correlation id, no tags; then the body of v12: no throttling, no brokers, no cluster id, no topics.
      const answer = new Uint8Array(4 + 5 + 4 + 1 + 1 + 4 + 1 + 1);
      const view = new DataView(answer.buffer);
      view.setInt32(0, answer.byteLength - 4);
      view.setInt32(4, correlationId);
      answer[13] = 1;
      answer[14] = 0;
      view.setInt32(15, -1);
      answer[19] = 1;
      queueMicrotask(() => handler.onData(answer));
      return true;
    },
    pause: silent,
    resume: silent,
    close: silent,
  }),
};
const connection = await Connection.open(
  { host: "127.0.0.1", port: 9092 },
  {
    platform: memory,
    tls: null,
    clientId: "bench",
    setupTimeoutMs: 1000,
    maxInFlight: 5,
    maxFrameSize: 1 << 20,
  },
);
group("one request, whole", () => {
  bench("Metadata v12 without a topic", () =>
    connection.send(Metadata, 12, { topics: [] }, { timeoutMs: 30_000 }),
  );
});

await report("observability");
process.exit(0);
