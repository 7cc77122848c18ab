/** The sockets of examples/edge-sockets.ts, over such as an edge runtime would give. */

import { once } from "node:events";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import { describe, it } from "vitest";
import { type EdgeConnect, edgeConnect } from "../../examples/edge-sockets.ts";
import { socketTransport } from "./socket-transport.ts";
import { conformance } from "./transport-conformance.ts";

/** Sockets of Node.js in the shape of web streams. */
const webSocket: EdgeConnect = ({ hostname, port }) => {
  const socket = connect({ host: hostname, port, noDelay: true });
  const { readable, writable } = Duplex.toWeb(socket);
  const opened = once(socket, "connect");
  return { readable, writable, opened, close: async () => void socket.destroy() };
};

describe("edge sockets", () => {
  const transport = socketTransport(edgeConnect(webSocket), null);
  for (const { name, run } of conformance) it(name, () => run({ ...transport, bulk: 2_000_000 }));
});
