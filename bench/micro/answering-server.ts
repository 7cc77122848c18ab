/**
 * A peer that answers every Heartbeat request (versions 3 and 4) at once, in a process of its own, so that only the
 * client's work is measured. It prints its port.
 */

import { createServer } from "node:net";

const FIRST_FLEXIBLE_VERSION = 4;

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const answers: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= 4 && bytes.length - at - 4 >= bytes.readInt32BE(at)) {
      answers.push(answer(bytes.readInt16BE(at + 6), bytes.subarray(at + 8, at + 12)));
      at += 4 + bytes.readInt32BE(at);
    }
    rest = bytes.subarray(at);
    if (answers.length > 0) socket.write(Buffer.concat(answers));
  });
});

/** Correlation id, throttle time 0, error code 0, and tag buffers where the version has them. */
function answer(version: number, correlationId: Buffer): Buffer {
  const isFlexible = version >= FIRST_FLEXIBLE_VERSION;
  const body = isFlexible ? Buffer.alloc(8) : Buffer.alloc(6);
  const size = Buffer.alloc(4);
  size.writeInt32BE(4 + body.length);
  return Buffer.concat([size, correlationId, body]);
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  console.log(address.port);
});
