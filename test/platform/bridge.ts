import type { Socket } from "node:net";
import { settle } from "../support/fake-clock.ts";
import type { FakeCluster } from "../support/fake-cluster.ts";
import { FakePeer } from "../support/fake-peer.ts";

/** Lets the first broker of a fake cluster serve a real socket. */
export function bridge(cluster: FakeCluster, socket: Socket): void {
  const peer = new FakePeer({
    onData: (chunk) => void socket.write(chunk),
    onDrain: () => {},
    onClose: () => void socket.destroy(),
  });
  const listener = cluster.platform.listeners.get("b1:9092");
  if (listener === undefined || typeof listener === "string" || !("accept" in listener)) return;
  listener.accept(peer);
  socket.on("data", (chunk: Uint8Array) => {
    peer.stream.write([chunk]);
    // Time goes by at the broker as it does outside, for fetches that wait.
    void settle().then(() => cluster.platform.clock.advance(1));
  });
}
