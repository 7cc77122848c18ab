import type { Platform } from "kafkawire";
import { MemoryNetwork, type MemoryNetworkOptions } from "../../src/platform/memory.ts";
import type { TransportUnderTest } from "./transport-conformance.ts";

const HIGH_WATER_MARK = 65_536;

/** Streams in memory. */
export function memoryTransport(
  base: Platform,
  options: MemoryNetworkOptions & { readonly bulk?: number } = {},
): TransportUnderTest {
  return {
    // A write that goes over the mark is still taken.
    mostUnderWay: HIGH_WATER_MARK * 2,
    ...(options.bulk === undefined ? {} : { bulk: options.bulk }),
    async listen(accept) {
      const network = new MemoryNetwork(base, { highWaterMark: HIGH_WATER_MARK, ...options });
      const { platform } = network;
      const { host, port } = network.listen("peer", 0, (end) =>
        accept({
          write: (bytes) => end.write([bytes]),
          pause: () => end.pause(),
          resume: () => end.resume(),
          end: () => end.end(),
          reset: () => end.reset(),
        }),
      );
      const to = { host, tls: null };
      return {
        connect: (handler, signal) => platform.connect({ ...to, port, signal }, handler),
        connectToNothing: (handler, signal) => platform.connect({ ...to, port: port + 1, signal }, handler),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}
