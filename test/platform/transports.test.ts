import { describe, expect, it } from "vitest";
import { randomCuts } from "../../src/platform/memory.ts";
import { platform } from "../../src/platform/node.ts";
import type { ByteStream, ByteStreamHandler } from "../../src/platform/platform.ts";
import { memoryTransport } from "./memory-transport.ts";
import { socketTransport } from "./socket-transport.ts";
import { certificate } from "./support.ts";
import { conformance, type TransportUnderTest } from "./transport-conformance.ts";

const connect = platform.connect;
/** TLS of the platform over a stream that somebody else has opened. */
const secured: typeof connect = ({ tls, host, port, signal }, handler) => {
  if (tls === null || platform.secure === undefined) throw new Error("no TLS");
  const open = (inner: ByteStreamHandler): Promise<ByteStream> =>
    connect({ host, port, tls: null, signal }, inner);
  return platform.secure(open, { host, tls, signal }, handler);
};

const transports: { readonly [name: string]: TransportUnderTest } = {
  "sockets of Node.js": socketTransport(connect, null),
  "sockets of Node.js with TLS": socketTransport(connect, certificate),
  "TLS over another stream": socketTransport(secured, certificate),
  "memory, whole": memoryTransport(platform),
  "memory, byte by byte": memoryTransport(platform, { chunking: "bytes", bulk: 500_000 }),
  "memory, cut anywhere": memoryTransport(platform, { chunking: randomCuts(7), bulk: 2_000_000 }),
  "memory that takes its time": memoryTransport(platform, { latencyMs: 2, chunking: randomCuts(8) }),
};

for (const [name, transport] of Object.entries(transports)) {
  describe(name, () => {
    for (const { name: must, run } of conformance) it(must, () => run(transport));

    it("lets nothing that a handler throws go unseen, and goes on", async () => {
      const { error, later } = await throwing(transport);
      expect([error, later]).toEqual([new Error("from a handler"), "b"]);
    });
  });
}

/** What becomes of an error that a handler throws, and what the stream gives afterwards. */
async function throwing(transport: TransportUnderTest): Promise<{ error: unknown; later: string }> {
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  try {
    const uncaught = new Promise((resolve) => process.once("uncaughtException", resolve));
    await using listening = await transport.listen((end) => ({
      onData: (bytes) => void end.write(bytes.slice()),
      onDrain: () => {},
      onClose: () => {},
    }));
    let calls = 0;
    let resolve!: (text: string) => void;
    const second = new Promise<string>((settle) => {
      resolve = settle;
    });
    const onData = (chunk: Uint8Array): void => {
      calls++;
      if (calls === 1) throw new Error("from a handler");
      resolve(Buffer.from(chunk).toString());
    };
    const handler = { onData, onDrain: () => {}, onClose: () => {} };
    const stream = await listening.connect(handler, new AbortController().signal);
    stream.write([Buffer.from("a")]);
    const error = await uncaught;
    stream.write([Buffer.from("b")]);
    const later = await second;
    stream.close();
    return { error, later };
  } finally {
    for (const listener of others) process.on("uncaughtException", listener);
  }
}
