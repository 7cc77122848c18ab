import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { platform } from "../../src/platform/node.ts";

const SENT = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

/** What comes from a peer that talks at once, chunk by chunk, as it is when it comes and as it is in the end. */
async function received(
  keepsNothing: boolean,
  room?: (at: number) => Uint8Array | null,
): Promise<{ came: Buffer; kept: Buffer; memories: number; buffers: Set<ArrayBufferLike> }> {
  const server = createServer((socket) => {
    socket.write(SENT.subarray(0, 10));
    setTimeout(() => socket.end(SENT.subarray(10)), 20);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const chunks: Uint8Array[] = [];
  const copies: Buffer[] = [];
  let at = 0;
  const { signal } = new AbortController();
  await new Promise<void>((resolve, reject) => {
    const handler = {
      ...(keepsNothing ? { keepsNothing } : {}),
      ...(room === undefined ? {} : { room: () => room(at) }),
      onData: (chunk: Uint8Array) => {
        chunks.push(chunk);
        copies.push(Buffer.from(chunk));
        at += chunk.byteLength;
      },
      onDrain: () => {},
      onClose: () => resolve(),
    };
    platform.connect({ host: "127.0.0.1", port, tls: null, signal }, handler).catch(reject);
  });
  server.close();
  const buffers = new Set<ArrayBufferLike>(chunks.map(({ buffer }) => buffer));
  return { came: Buffer.concat(copies), kept: Buffer.concat(chunks), memories: buffers.size, buffers };
}

describe("what a socket reads", () => {
  it("may be kept", async () => {
    const { came, kept } = await received(false);
    expect(Buffer.compare(came, SENT)).toBe(0);
    expect(Buffer.compare(kept, SENT)).toBe(0);
  });

  it("lies in the same memory each time where nothing of it is kept", async () => {
    const { came, memories } = await received(true);
    expect(Buffer.compare(came, SENT)).toBe(0);
    // What came before the stream was there has its own.
    expect(memories).toBeLessThanOrEqual(2);
  });

  it("lies where there was room for it", async () => {
    const large = new Uint8Array(SENT.byteLength);
    let isOffered = false;
    // Every other time, so that both kinds of memory take turns.
    const { came, buffers } = await received(true, (at) => {
      isOffered = !isOffered;
      return isOffered && at > 0 ? large.subarray(at, at + 50_000) : null;
    });
    expect(Buffer.compare(came, SENT)).toBe(0);
    expect(buffers.has(large.buffer)).toBe(true);
    expect(buffers.size).toBeGreaterThan(1);
  });
});
